"""Decode a frame of a DICOM file to RGB, as the file says that its pixels are meant."""

import numpy as np
from msgspec.structs import replace

from edge_runtime.hospital.codestream import jpeg_claim
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.frame_data import Form, frame_bytes
from edge_runtime.hospital.header import Header
from edge_runtime.hospital.samples import (
    AS_YBR,
    Samples,
    deep_jpeg_samples,
    from_codec,
    from_native,
    hold,
    is_jpeg,
    jpeg_at_full_size,
    with_colours,
    ybr_to_rgb,
)
from edge_runtime.hospital.syntaxes import NATIVE
from edge_runtime.hospital.tones import grey_table, is_plain, palette_table
from edge_runtime.photo import jpeg_markers
from edge_runtime.photo.bits import TOLD
from edge_runtime.photo.decode import Decoded, decode_jpeg

_GREY = ("MONOCHROME1", "MONOCHROME2")
_AS_RGB = ("RGB", "YBR_RCT", "YBR_ICT")  # the last two are RGB once they are decoded
_NO_SENSE = "is damaged: its picture can't be decoded"
_REMEDY = "export the photo as JPEG or PNG"


def decode_frame(header: Header, form: Form, index: int) -> Decoded:
    """Decode a frame.

    A JPEG is decoded as a file of its own is, but isn't turned: what it says of that isn't meant
    by DICOM. Grey tones go through the file's tables, windows and bits to 8, colours to sRGB.

    Args:
        header: Of the file.
        form: Of it, whose size was held against the limit.
        index: The frame's number from 0.

    Raises:
        ClauseError: Something is wrong.
        MemoryError: There is none left.
    """
    data = frame_bytes(header, form, index)
    if is_jpeg(header.syntax):
        return _from_jpeg(data, header, form)
    if header.syntax in NATIVE:
        samples = from_native(data, header, form)
    else:
        samples = from_codec(data, header, form)
    pixels, notes = _to_rgb(samples, header, form)
    return _in_srgb(Decoded(pixels, form.size, notes), header, form)


def _from_jpeg(data: bytes, header: Header, form: Form) -> Decoded:
    claim = jpeg_claim(data)
    hold(claim, form)
    if claim.bits != 8:
        return _from_deep_jpeg(data, header, form)
    if claim.is_lossless:
        decoded = Decoded(jpeg_at_full_size(data, claim, form), form.size)
    else:
        try:
            decoded = decode_jpeg(with_colours(data, claim, form), turn=False)
        except ValueError as error:
            raise ClauseError(f"has a JPEG picture that {error}") from error
    if form.samples == 1:
        pixels, notes = _to_rgb(decoded.pixels[..., 0], header, form)
        return replace(decoded, pixels=pixels, read_as=decoded.read_as + notes)
    has_profile = bool(jpeg_markers.check(data).profile)
    return decoded if has_profile else _in_srgb(decoded, header, form)


def _from_deep_jpeg(data: bytes, header: Header, form: Form) -> Decoded:
    pixels, notes = _to_rgb(deep_jpeg_samples(data, form), header, form)
    return Decoded(pixels, form.size, notes)


def _to_rgb(samples: Samples, header: Header, form: Form) -> tuple[Samples, tuple[str, ...]]:
    """Bring samples to uint8 (height, width, 3), RGB; and say how, where that isn't plain."""
    told: tuple[str, ...] = (TOLD.format(form.bits),) if 8 < form.bits < 16 else ()
    notes: tuple[str, ...] = ()
    if form.samples == 1 and form.photometric in (*_GREY, "PALETTE COLOR"):
        lowest = -(1 << form.bits - 1) if form.is_signed else 0
        if form.photometric == "PALETTE COLOR":
            table, notes, told = palette_table(header, form), (), ()
        else:
            table, notes = grey_table(header, form)
            told = told if is_plain(header) else ()
        places = (samples.astype(np.int32) - lowest) & ((1 << form.bits) - 1)
        return np.ascontiguousarray(table[places]), told + notes
    if form.samples != 3 or form.is_signed or form.photometric not in (*_AS_RGB, *AS_YBR):
        shown = form.photometric if form.photometric.isascii() else "?"
        raise ClauseError(f"has colours of the kind '{shown}', which isn't read; {_REMEDY}")
    if form.bits < 8 or (form.bits > 8 and form.photometric in AS_YBR):
        raise ClauseError(f"has {form.bits} bits a colour, which isn't read; {_REMEDY}")
    if form.bits > 8:
        deep = np.bitwise_and(samples, (1 << form.bits) - 1)
        return np.ascontiguousarray(np.right_shift(deep, form.bits - 8).astype(np.uint8)), told
    pixels = np.ascontiguousarray(samples.astype(np.uint8, copy=False))
    return (ybr_to_rgb(pixels) if form.photometric in AS_YBR else pixels), ()


def _in_srgb(decoded: Decoded, header: Header, form: Form) -> Decoded:
    """Honour the colour profile of the DICOM file, where it has one for colours."""
    with in_words(_NO_SENSE):
        profile = header.dataset.get("ICCProfile")
    if form.samples != 3 or not isinstance(profile, bytes) or not profile:
        return decoded
    from edge_runtime.photo import colour  # noqa: PLC0415 - few photos need it

    pixels, note = colour.to_srgb(decoded.pixels, profile)
    return replace(decoded, pixels=pixels, read_as=decoded.read_as + ((note,) if note else ()))
