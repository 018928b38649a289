"""Lay one photo over another, and measure whether they show the same structure."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from train.copies.common_frame import SIDE
from train.copies.descriptors import (
    ANGLES,
    PATCH,
    Descriptor,
    distance_inside,
    local_contrast,
    mirrored,
)

_RATIO = 0.85  # of the distances to the nearest and the second nearest descriptor
_REACH = 5 * PATCH / SIDE  # pixels of the patch within which a match agrees with a transform
_LEAST_MATCHES = 5
# docs/decisions/0026-near-copies.md says on what it was chosen, and benchmarks/audit_recall.py
# what it gives.
_COPY = 2.3
_STEPS = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 25, 1e-4)

Warp = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Alignment:
    """How well two photos agree once one is laid over the other.

    ``fine`` and ``coarse`` are correlations (-1..1) of the local contrast in the common field,
    ``inliers`` is the number of local features that agree with the transform.
    """

    fine: float
    coarse: float
    inliers: int
    is_mirrored: bool

    @property
    def score(self) -> float:
        """The evidence that both show the same eye.

        Blurred copies keep coarse structure alone, shifted and cut ones agree less in it but have
        many local features in common.
        """
        return self.fine + 2 * self.coarse + 0.01 * min(self.inliers, 30)

    @property
    def is_copy(self) -> bool:
        """Whether the evidence suffices."""
        return self.score >= _COPY


@dataclass(frozen=True)
class View:
    """A photo made ready for comparison: its patch's contrast, float32 and bool (PATCH, PATCH).

    ``points`` float32 (K, 2): x, y of its keypoints in pixels of the patch.
    """

    descriptor: Descriptor
    points: npt.NDArray[np.float32]
    fine: npt.NDArray[np.float32]
    coarse: npt.NDArray[np.float32]
    inside: npt.NDArray[np.bool_]


def view(descriptor: Descriptor) -> View:
    """Make a photo ready for comparison."""
    lit = descriptor.patch > 0
    green, weight = descriptor.patch.astype(np.float32), lit.astype(np.float32)
    return View(
        descriptor=descriptor,
        points=(descriptor.points + 0.5) * (PATCH / SIDE) - 0.5,
        fine=local_contrast(green, weight, inner=0.7, outer=3, spread=8),
        coarse=local_contrast(green, weight, inner=2, outer=8, spread=14),
        inside=distance_inside(lit) > 6,
    )


def align(first: View, second: View, *, by_turn: bool, by_features: bool) -> Alignment | None:
    """Find the best way to lay ``second`` over ``first``.

    Args:
        first: The photo that stays.
        second: The photo that is moved.
        by_turn: Try the turns in which the polar maps agree best, plain and mirrored.
        by_features: Try the transforms on which local features agree, plain and mirrored.

    Returns:
        None if no way gives the photos anything in common.
    """
    best: Alignment | None = None
    for way in [_turn] * by_turn + [_match] * by_features:
        found = [each for mirror in (False, True) if (each := way(first, second, mirror=mirror))]
        if not found:
            continue
        warp, inliers, _ = max(found, key=lambda each: each[2])
        start = _compare(first, second, warp, inliers)
        if start is None or start.coarse < (0.2 if inliers else 0.6):
            continue
        refined = _refine(first, second, warp)
        better = None if refined is None else _compare(first, second, refined, inliers)
        best = max((each for each in (best, start, better) if each), key=lambda each: each.score)
        if best.is_copy:
            break
    return best


def _turn(first: View, second: View, *, mirror: bool) -> tuple[Warp, int, float]:
    """Find the turn about the centre in which the polar maps agree best."""
    ours = np.fft.rfft(first.descriptor.polar.astype(np.float32), axis=-1)
    theirs = np.fft.rfft(second.descriptor.polar.astype(np.float32), axis=-1)
    product = (ours * (theirs if mirror else theirs.conj())).sum(axis=(0, 1))
    correlation = np.fft.irfft(product, n=ANGLES)
    best = int(correlation.argmax())
    cos, sin = np.cos(2 * np.pi * best / ANGLES), np.sin(2 * np.pi * best / ANGLES)
    linear = np.array([[cos, -sin], [sin, cos]]) @ np.diag([1.0, -1.0 if mirror else 1.0])
    middle = np.full(2, (PATCH - 1) / 2)
    warp = np.column_stack([linear, middle - linear @ middle])
    return warp.astype(np.float32), 0, float(correlation[best])


def _match(first: View, second: View, *, mirror: bool) -> tuple[Warp, int, float] | None:
    """Find the affine transform, second to first, on which most local features agree."""
    if min(len(first.points), len(second.points)) < _LEAST_MATCHES:
        return None
    ours, theirs = first.descriptor.sift, second.descriptor.sift
    theirs = mirrored(theirs) if mirror else theirs
    distances, indices = cv2.batchDistance(
        ours.astype(np.float32), theirs.astype(np.float32), cv2.CV_32F, K=2
    )
    nearest = indices[:, 0]
    good = np.flatnonzero(distances[:, 0] < _RATIO * distances[:, 1])
    if len(good) < _LEAST_MATCHES:
        return None
    source, target = second.points[nearest[good]], first.points[good]
    if mirror:
        source = source * (-1, 1) + (PATCH - 1, 0)
    cv2.setRNGSeed(0)
    warp, agree = cv2.estimateAffinePartial2D(
        source, target, ransacReprojThreshold=_REACH, maxIters=150, confidence=0.99
    )
    if warp is None:
        return None
    inliers = len(np.unique(nearest[good][agree.ravel() > 0]))
    scale = float(np.sqrt(abs(np.linalg.det(warp[:, :2]))))
    if inliers < _LEAST_MATCHES or not 0.4 < scale < 2.5:
        return None
    if mirror:
        warp = warp @ np.array([[-1.0, 0, PATCH - 1], [0, 1, 0], [0, 0, 1]])
    return warp.astype(np.float32), inliers, float(inliers)


def _refine(first: View, second: View, warp: Warp) -> Warp | None:
    """Refine a transform on the pixels by the enhanced correlation coefficient.

    Source: Evangelidis and Psarakis, IEEE TPAMI 30(10), 2008.
    """
    inverse = cv2.invertAffineTransform(warp).astype(np.float32)
    mask = first.inside.astype(np.uint8)
    try:
        _, found = cv2.findTransformECC(
            first.coarse, second.coarse, inverse, cv2.MOTION_AFFINE, _STEPS, mask, 3
        )
    except cv2.error:  # it doesn't converge where there is nothing in common
        return None
    stretch = np.linalg.svd(found[:, :2], compute_uv=False)
    if not np.isfinite(found).all() or stretch[1] < 0.35 or stretch[0] > 1.8 * stretch[1]:
        return None
    return np.asarray(cv2.invertAffineTransform(found), np.float32)


def _compare(first: View, second: View, warp: Warp, inliers: int) -> Alignment | None:
    size = (PATCH, PATCH)
    inside = cv2.warpAffine(second.inside.astype(np.uint8), warp, size, flags=cv2.INTER_NEAREST)
    common = (np.asarray(inside) > 0) & first.inside
    if common.sum() < 0.1 * PATCH**2:
        return None
    fine, coarse = (
        _correlation(ours[common], np.asarray(cv2.warpAffine(theirs, warp, size))[common])
        for ours, theirs in ((first.fine, second.fine), (first.coarse, second.coarse))
    )
    return Alignment(fine, coarse, inliers, bool(np.linalg.det(warp[:, :2]) < 0))


def _correlation(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> float:
    ours, theirs = first - first.mean(), second - second.mean()
    return float((ours * theirs).sum() / (np.linalg.norm(ours) * np.linalg.norm(theirs) + 1e-6))
