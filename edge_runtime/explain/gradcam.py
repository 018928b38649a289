"""Grad-CAM without automatic differentiation.

The head is pooling, constants, a hidden layer and a linear layer, so the gradient of a logit with
respect to the last convolution is the same at every position, and known in closed form. Grad-CAM
(Selvaraju et al., arXiv 1610.02391) and HiResCAM (Draelos and Carin, arXiv 2011.08891) are then
one and the same, and the map adds up to the logit.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_NEGLIGIBLE = 1e-6  # logits; a float32 sum over the map is off by about this much


@dataclass(frozen=True, eq=False)
class Heatmap:
    """Where the evidence for one class lies.

    ``values`` is float32 (h, w), 0..1 of the map's own maximum. ``evidence`` is the sum of the
    positive part in logits. Where it is zero, ``values`` is blank: nothing speaks for the class.
    """

    values: Floats
    evidence: float

    @property
    def positive(self) -> bool:
        """Whether anything speaks for the class."""
        return self.evidence > 0


def heatmap(cam: Floats) -> Heatmap:
    """Keep what speaks for the class and scale it to its own maximum.

    Args:
        cam: float32 (h, w), signed Grad-CAM in logits.

    Returns:
        The heatmap; blank, never NaN, where no position is above zero.
    """
    positive = _positive(cam)
    scaled = positive / (positive.max() or 1.0)
    return Heatmap(scaled.astype(np.float32), float(positive.sum()))


def evidence_outside(cam: Floats, inside: npt.NDArray[np.bool_]) -> float:
    """Measure the share of a map's positive evidence that lies outside of the lit field.

    A cell of the map that the field's edge crosses counts by the part of it that is outside.

    Args:
        cam: float32 (h, w), signed Grad-CAM in logits.
        inside: bool (height, width), true where the model's input shows lit retina; each side is
            at least that of the map.

    Returns:
        0..1; 0 where nothing speaks for the class.
    """
    positive = _positive(cam)
    shown = inside_shares(inside, (cam.shape[0], cam.shape[1]))
    total = positive.sum(dtype=np.float64) or 1.0
    return float(np.clip((positive * (1 - shown)).sum(dtype=np.float64) / total, 0, 1))


def _positive(cam: Floats) -> Floats:
    """Keep what speaks for the class: nothing where it is all rounding."""
    positive = np.maximum(np.nan_to_num(cam, nan=0.0, posinf=0.0, neginf=0.0), 0.0)
    return positive if positive.max() > _NEGLIGIBLE else np.zeros_like(positive)


def inside_shares(inside: npt.NDArray[np.bool_], cells: tuple[int, int]) -> Floats:
    """Say how much of each cell of a map lies inside: float32 (h, w) ``cells``, 0..1."""
    area = cv2.resize(inside.astype(np.float32), cells[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(area, np.float32)


def fixed_cam(last_conv: Floats, class_gradients: Floats) -> Floats:
    """Compute every class's Grad-CAM from constant gradients: the fixed mode.

    The exact gradient depends on the photo only through which hidden units are active. Its mean
    over a calibration set needs nothing of a model but ``last_conv``.

    Args:
        last_conv: float32 (N, h, w, K).
        class_gradients: float32 (C, K), logit per activation and position.

    Returns:
        float32 (N, C, h, w), in logits.
    """
    return np.asarray(
        np.einsum("nhwk,ck->nchw", last_conv, class_gradients, optimize=True), np.float32
    )


def completeness_gap(logits: Floats, cam: Floats, cam_bias: Floats) -> Floats:
    """Check that an exact map adds up: logit = sum of the map + what the biases give.

    Args:
        logits: float32 (N, C).
        cam: float32 (N, C, h, w).
        cam_bias: float32 (N, C).

    Returns:
        float32 (N, C), logit minus sum; rounding apart it is zero.
    """
    total = cam.sum(axis=(2, 3), dtype=np.float64) + cam_bias
    return np.asarray(logits - total, np.float32)
