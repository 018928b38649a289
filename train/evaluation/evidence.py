"""Measure how often a model's evidence lies outside of the eye."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge_runtime.explain.gradcam import evidence_outside, inside_shares


@dataclass(frozen=True)
class Evidence:
    """How often a model's evidence lies outside of the eye.

    ``outside_mean`` and ``outside_p95`` are the mean and the 95th percentile of the share 0..1 of a
    photo's positive evidence outside of the eye; ``flagged`` is the share of photos above
    ``limit``; ``peak_outside`` that of those with any evidence whose hottest cell lies outside by
    more than half.
    """

    limit: float
    outside_mean: float
    outside_p95: float
    flagged: float
    peak_outside: float


def evidence_figures(
    maps: npt.NDArray[np.float32],
    images: npt.NDArray[np.uint8],
    *,
    limit: float,
) -> Evidence:
    """Summarise where the evidence of photos lies.

    Args:
        maps: float32 (N, h, w), the signed Grad-CAM of each photo's predicted class; N at least 1.
        images: uint8 (N, height, width, 3), RGB, prepared: what isn't lit retina is black.
        limit: The share of a photo's evidence above which it is flagged.
    """
    seen = [image.any(axis=2) for image in images]
    outside = [evidence_outside(cam, inside) for cam, inside in zip(maps, seen, strict=True)]
    peaks = [
        float(inside_shares(inside, (cam.shape[0], cam.shape[1])).flat[cam.argmax()])
        for cam, inside in zip(maps, seen, strict=True)
        if cam.max() > 0
    ]
    return Evidence(
        limit=limit,
        outside_mean=float(np.mean(outside)),
        outside_p95=float(np.percentile(outside, 95)),
        flagged=float(np.mean(np.array(outside) > limit)),
        peak_outside=float(np.mean(np.array(peaks) < 0.5)) if peaks else 0.0,
    )
