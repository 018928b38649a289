"""Give what the model sees of an eye another's colours, light, or a piece of its rim."""

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from calibration.explanations.stability.perturbed import legal
from edge_runtime.photo.field import SEEN
from edge_runtime.photo.round_field import RoundField

Pixels = npt.NDArray[np.uint8]
_Floats = npt.NDArray[np.float32]

#: The eight pieces of the rim, clockwise from the right, as the photo is seen.
SECTORS = (
    "right", "lower right", "bottom", "lower left", "left", "upper left", "top", "upper right"
)  # fmt: skip

#: From which radius on, in radii of the field, a piece reaches to the rim. On the right and on the
#: left it is narrow: there eyes have their disc, whose middle is at about 0.67.
FROM, FROM_AT_SIDES, FROM_ALL_ROUND = 0.60, 0.85, 0.90
_SOFT = 0.01  # of the input's side: the standard deviation of a piece's edge
_BROAD = 0.15  # of the input's side: of what counts as illumination and not as retina
_MOST_GAIN = 5.0
_MOST_SPREAD = 2.0
_WHITE, _NEARLY = 250, 15  # levels of the least of the three colours


def colour(own: RoundField, donor: RoundField) -> Pixels:
    """Give the eye the donor's mean and spread of colour, and leave its lightness.

    Both are taken of the middle 80 % of the eye's values: else a disc, a lesion or a mark, which
    are small and of strong colours, would tell the spread, and fade where the donor has none. What
    is white stays so: a reflex or a mark has no colour to lose.

    Source: Reinhard et al., Color transfer between images, IEEE CG&A 21, 2001, here on a* and b*
    of CIE L*a*b*.
    """
    lab, other = (
        cv2.cvtColor(each.image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        for each in (own, donor)
    )
    share = _not_white(own)
    for channel in (1, 2):
        values, wanted = lab[..., channel][own.inside], other[..., channel][donor.inside]
        if values.size and wanted.size:
            (mean, spread), (new_mean, new_spread) = map(_mean_and_spread, (values, wanted))
            ratio = float(np.clip(new_spread / spread, 1 / _MOST_SPREAD, _MOST_SPREAD))
            now = lab[..., channel]
            lab[..., channel] = now + share * ((now - mean) * ratio + new_mean - now)
    changed = np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.float32) * 255
    return legal(changed, own.inside).image


def illumination(own: RoundField, donor: RoundField) -> Pixels:
    """Light the eye as the donor's is lit: brighter and darker in broad parts, colours kept.

    What is white stays so, as it would in a photo that is overexposed there or was marked later.
    """
    light, wanted = _broad_light(own), _broad_light(donor)
    gain = np.clip(wanted / light, 1 / _MOST_GAIN, _MOST_GAIN)
    gain = (1 + _not_white(own) * (gain - 1))[..., None]
    return legal(np.asarray(own.image * gain, np.float32), own.inside).image


def piece(own: RoundField, donor: RoundField, name: str) -> Pixels:
    """Put a piece of the donor's eye at its place in this one, where both show the eye.

    The donor is first brought to this eye's light and colours, which have swaps of their own: else
    the piece would bring those along, and end in a line that no camera draws.

    Args:
        own: The eye.
        donor: The other.
        name: One of ``SECTORS``, "all round", or "middle" and "broad middle", as large as a corner
            and as "all round", which is the outermost ring and thinner than any sector.
    """
    size = own.image.shape[0], own.image.shape[1]
    share = (_pieces(size)[name] * (own.inside & donor.inside))[..., None]
    mixed = own.image * (1 - share) + _adapted(own, donor) * share
    return legal(np.asarray(mixed, np.float32), own.inside).image


@lru_cache(maxsize=8)  # the donors of one photo, for all pieces
def _adapted(own: RoundField, donor: RoundField) -> Pixels:
    """Bring the donor to an eye's light and colours."""
    lit = replace(donor, image=illumination(donor, own))
    return colour(lit, own)


def _not_white(eye: RoundField) -> _Floats:
    """Say how far each pixel is from white, float32 (height, width), 0..1: all but a few are 1."""
    least = eye.image.min(axis=2).astype(np.float32)
    return np.asarray(np.clip((_WHITE - least) / _NEARLY, 0, 1), np.float32)


def _mean_and_spread(values: npt.NDArray[np.number]) -> tuple[float, float]:
    """Take mean and standard deviation of the values without the lowest and highest tenth."""
    low, high = np.percentile(values, [10, 90])
    most = values[(values >= low) & (values <= high)]
    return float(most.mean()), max(float(most.std()), 0.1)


def _broad_light(eye: RoundField) -> _Floats:
    """Blur the lightness of an eye, float32 (height, width), at least 1."""
    grey = np.asarray(cv2.cvtColor(eye.image, cv2.COLOR_RGB2GRAY), np.float32)
    sigma = _BROAD * min(grey.shape)
    weights = cv2.GaussianBlur(eye.inside.astype(np.float32), (0, 0), sigma)
    blurred = cv2.GaussianBlur(grey * eye.inside, (0, 0), sigma)
    return np.asarray(np.maximum(blurred / np.maximum(weights, 1e-3), 1), np.float32)


@lru_cache(maxsize=4)
def _pieces(size: tuple[int, int]) -> dict[str, _Floats]:
    """Make the masks of all pieces, float32 (height, width), 0..1."""
    height, width = size
    rows = ((np.arange(height) + 0.5) / height * 2 - 1)[:, None]
    columns = (np.arange(width) + 0.5) / width * 2 - 1
    radii = np.hypot(rows, columns)
    sectors = np.floor(np.degrees(np.arctan2(rows, columns)) / 45 + 0.5).astype(int) % 8
    found = {
        name: (sectors == number) & (radii > (FROM_AT_SIDES if name in ("right", "left") else FROM))
        for number, name in enumerate(SECTORS)
    }
    found["all round"] = radii > FROM_ALL_ROUND
    found["middle"] = radii < np.sqrt((SEEN**2 - FROM**2) / 8)
    found["broad middle"] = radii < np.sqrt(SEEN**2 - FROM_ALL_ROUND**2)
    sigma = _SOFT * min(size)
    return {
        name: np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma), np.float32)
        for name, mask in found.items()
    }
