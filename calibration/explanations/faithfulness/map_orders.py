"""The order in which a map would have the pixels of an eye, and maps that know nothing of it."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from calibration.compare.other_persons import Candidates, draw_partners
from calibration.explanations.faithfulness.eyes import Eye, Floats

Order = npt.NDArray[np.intp]

#: The maps beside the model's own, by name, with what each is.
CONTROLS = {
    "random": "noise in the cells of a map, raised like one (mean of several draws)",
    "centre": "the nearer to the middle of the field, the hotter",
    "uniform": "the whole field alike: its pixels in a random order, one by one",
    "other photo": "the model's map of the same class on another person's photo, of the same "
    "predicted class and side of the eye where there is one",
}


def raised(cells: Floats, size: tuple[int, int]) -> Floats:
    """Interpolate a signed map (h, w) to pixels (height, width) ``size``.

    An overlay is cut at 0 first; here what speaks against the class keeps its order, as it goes or
    comes last.
    """
    larger = cv2.resize(cells, size[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(larger, np.float32)


def pixel_order(values: Floats, inside: npt.NDArray[np.bool_]) -> Order:
    """Order the pixels of the eye, the hottest first; equal ones stay in their rows' order.

    Args:
        values: float32 (height, width), a signed map: what speaks against the class comes last.
        inside: bool (height, width), true inside of the eye.

    Returns:
        (P,), indices into the flattened picture.
    """
    lit = np.flatnonzero(inside)
    return np.asarray(lit[np.argsort(-values.ravel()[lit], kind="stable")])


def control_maps(
    eyes: Sequence[Eye], index: int, *, draws: int, generator: np.random.Generator
) -> dict[str, list[Floats]]:
    """Make the control maps of one eye, in pixels; there is one of each, but ``draws`` random ones.

    Args:
        eyes: All eyes.
        index: Which of them.
        draws: How many random maps.
        generator: What is drawn from.

    Returns:
        Float32 (height, width) each, by the names of ``CONTROLS``; there is no "other photo" where
        all are of one person.
    """
    eye = eyes[index]
    cells, size = eye.map.shape, (eye.image.shape[0], eye.image.shape[1])
    across = [np.abs(np.linspace(-1, 1, side)) for side in cells]
    middle = -np.hypot(across[0][:, None], across[1]).astype(np.float32)
    noise = [generator.standard_normal(cells, np.float32) for _ in range(draws)]
    found = {
        "random": [raised(values, size) for values in noise],
        "centre": [raised(middle, size)],
        "uniform": [generator.standard_normal(size, np.float32)],
    }
    among = Candidates.of(*zip(*((each.top, each.person, each.side) for each in eyes), strict=True))
    others = draw_partners(index, among, count=1, generator=generator).photos
    if others:
        found["other photo"] = [raised(eyes[j].maps[eye.top], size) for j in others]
    return found
