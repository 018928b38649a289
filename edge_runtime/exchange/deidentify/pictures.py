"""Write the pixels of a photograph anew, with nothing beside and, where asked, around the eye."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from edge_runtime.hospital.codestream import jpeg_claim
from edge_runtime.hospital.damage import ClauseError
from edge_runtime.hospital.frame_data import Form, frame_bytes
from edge_runtime.hospital.header import Header
from edge_runtime.hospital.pixels import decode_frame
from edge_runtime.hospital.samples import is_jpeg, stored_frame
from edge_runtime.hospital.syntaxes import EXPLICIT, NATIVE
from edge_runtime.hospital.tones import grey_table, palette_table
from edge_runtime.photo import colour, jpeg_markers
from edge_runtime.photo.decode import Photo
from edge_runtime.photo.find_field import find_field
from edge_runtime.photo.icc import read_profile

_AROUND = 1.01  # of the field's axes: its rim is a pixel or two wide
_REACH = 5  # pixels of the small copy by which what is lit reaches further
_BLACK = {"RGB": (0, 0, 0), "YBR_FULL": (0, 128, 128)}
_NOT_DARK = 60  # a tone that nobody takes for black

_Samples = npt.NDArray[Any]
_Mask = npt.NDArray[np.bool_]


class Pictures(Struct, frozen=True, eq=False):
    """The frames as they are written: JPEGs, or samples side by side where ``syntax`` is native.

    ``photometric`` is what the samples mean.
    """

    syntax: str
    photometric: str
    frames: tuple[bytes, ...]


def pictures_of(
    header: Header, form: Form, count: int, *, is_painted: bool, max_pixels: int
) -> Pictures:
    """Write the frames of a photograph anew.

    JPEGs keep their picture as it is, and lose what stands beside it. Other compressed frames, and
    JPEGs that are painted or whose colours are not those of sRGB, become samples without loss.

    Args:
        header: Of the file.
        form: Of it.
        count: How many frames it has.
        is_painted: Whether all outside of the field of view shall be black.
        max_pixels: The most pixels that all frames together may have where they are unpacked.

    Raises:
        ClauseError: A frame is damaged, or can't be written so.
    """
    profile = header.dataset.get("ICCProfile")
    has_colours = form.samples == 3 and isinstance(profile, bytes) and _is_other(profile)
    if is_jpeg(header.syntax) and not is_painted and not has_colours:
        raw = [frame_bytes(header, form, index) for index in range(count)]
        if not any(_is_other(_profile_of(each)) for each in raw):
            return Pictures(
                header.syntax, form.photometric, tuple(_bare(each, form) for each in raw)
            )
    if header.syntax not in NATIVE and count * form.size[0] * form.size[1] > max_pixels:
        raise ClauseError(
            f"would have more than {max_pixels} pixels once it is unpacked; raise the limit with "
            "--max-pixels, or export its photos in several files"
        )
    written, means = [], form.photometric
    for index in range(count):
        samples, means = stored_frame(header, form, index)
        if has_colours or is_jpeg(header.syntax):
            samples = _in_srgb(samples, means, header, form, index)
        if is_painted:
            shown = decode_frame(header, form, index).pixels
            samples = _painted(samples, shown, _black(header, form, means))
        kind = f"<{'i' if form.is_signed else 'u'}{form.allocated // 8}"
        written.append(np.ascontiguousarray(samples).astype(kind).tobytes())
    return Pictures(EXPLICIT, means, tuple(written))


def outside_of_field(shown: Photo) -> _Mask:
    """Find what lies outside of a photo's field of view.

    Inside is what lies in the ellipse of the field, and in the hull of what is lit as well: where
    the field is cut by a bar, the bar is outside.

    Args:
        shown: uint8 (height, width, 3), RGB.

    Returns:
        bool (height, width), true outside.

    Raises:
        ClauseError: The outline of a round field wasn't found.
    """
    found = find_field(shown)
    if not found.is_round:
        raise ClauseError(
            "has no round field that was found, so what lies outside of it can't be painted; look "
            "at it, and leave it out or say --looked-at"
        )
    height, width = shown.shape[:2]
    field, inside = found.field, np.zeros((height, width), np.uint8)
    axes = field.major * _AROUND, field.minor * _AROUND
    cv2.ellipse(inside, ((field.x, field.y), axes, field.angle), 1, cv2.FILLED)
    contours, _ = cv2.findContours(found.lit, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(max(contours, key=cv2.contourArea))
    lit = cv2.drawContours(np.zeros_like(found.lit), [hull], 0, 1, cv2.FILLED)
    lit = cv2.dilate(lit, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_REACH, _REACH)))
    lit = cv2.resize(lit, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray((inside == 0) | (np.asarray(lit) == 0))


def painted_photo(photo: Photo) -> Photo:
    """Paint all outside of a photo's field of view black.

    Args:
        photo: uint8 (height, width, 3), RGB.

    Raises:
        ClauseError: As ``outside_of_field``.
    """
    return _painted(photo, photo, (0, 0, 0))


def _painted(samples: _Samples, shown: Photo, black: Any) -> _Samples:
    outside = outside_of_field(shown).astype(np.uint8)
    if shown.shape[:2] != samples.shape[:2]:  # a large JPEG is shown smaller than it is
        size = samples.shape[1], samples.shape[0]
        outside = np.asarray(cv2.resize(outside, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    painted = samples.copy()
    painted[outside == 1] = black
    return painted


def _black(header: Header, form: Form, means: str) -> Any:
    """Give the sample that is shown black."""
    if form.samples == 3:
        return _BLACK[means]
    if means == "PALETTE COLOR":
        table = palette_table(header, form)
    else:
        table, _ = grey_table(header, form)
    tones = table.astype(int).sum(axis=1)
    # of all that are shown black the one at the end, as one that is nearly so tells where it was
    darkest = len(tones) - 1 if tones[-1] == tones.min() else int(tones.argmin())
    if int(table[darkest].max()) > _NOT_DARK:
        raise ClauseError("has no black, so nothing can be painted with it; export it in colours")
    return darkest - (1 << form.bits - 1 if form.is_signed else 0)


def _in_srgb(samples: _Samples, means: str, header: Header, form: Form, index: int) -> _Samples:
    """Bring colours to sRGB where a profile says that they are others, as it doesn't stay."""
    profile = b""
    if is_jpeg(header.syntax):
        profile = _profile_of(frame_bytes(header, form, index))
    profile = profile or header.dataset.get("ICCProfile") or b""
    if form.samples != 3 or not _is_other(profile):
        return samples
    if samples.dtype != np.uint8 or means != "RGB":
        raise ClauseError("has a colour profile, without which its colours would be others; "
                          "export it in sRGB")  # fmt: skip
    return colour.to_srgb(np.ascontiguousarray(samples), profile)[0]


def _is_other(profile: bytes) -> bool:
    """Tell whether colours are others by a profile than those of sRGB."""
    told = read_profile(profile) if profile else None
    return told is not None and not told.is_srgb


def _profile_of(frame: bytes) -> bytes:
    if jpeg_claim(frame).bits != 8:
        return b""
    try:
        return jpeg_markers.check(frame).profile
    except ValueError as error:
        raise ClauseError(f"has a JPEG picture that {error}") from error


def _bare(frame: bytes, form: Form) -> bytes:
    try:
        made = jpeg_markers.bare(frame)
    except ValueError as error:
        raise ClauseError(f"has a JPEG picture that {error}") from error
    claim = jpeg_claim(made)
    if claim.size != form.size or claim.samples != form.samples:
        raise ClauseError("is damaged: its compressed picture isn't of the size that it says")
    return made
