"""Decode a frame of a DICOM file to RGB, as the file says that its pixels are meant."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from edge_runtime.hospital.codestream import Claim, j2k_claim, jpeg_claim, with_colours_told
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.frame_data import NATIVE, Form, frame_bytes
from edge_runtime.hospital.header import Header
from edge_runtime.hospital.kinds import uid_name
from edge_runtime.hospital.tones import grey_table, is_plain, palette_table
from edge_runtime.photo import jpeg, jpeg_markers
from edge_runtime.photo.bits import TOLD
from edge_runtime.photo.decode import Decoded, decode_jpeg

_JPEG = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57",
                   "1.2.840.10008.1.2.4.70"})  # fmt: skip
_JPEG_LS = frozenset({"1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"})
_J2K = frozenset({"1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.201",
                  "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203"})  # fmt: skip
_BIG_ENDIAN = "1.2.840.10008.1.2.2"
_RLE = "1.2.840.10008.1.2.5"

_GREY = ("MONOCHROME1", "MONOCHROME2")
_AS_RGB = ("RGB", "YBR_RCT", "YBR_ICT")  # the last two are RGB once they are decoded
_AS_YBR = ("YBR_FULL", "YBR_FULL_422")
_NO_SENSE = "is damaged: its picture can't be decoded"
_REMEDY = "export the photo as JPEG or PNG"

_Samples = npt.NDArray[Any]


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
    if header.syntax in _JPEG:
        return _from_jpeg(data, header, form)
    if header.syntax in NATIVE:
        samples = _from_samples(data, header, form)
    else:
        samples = _from_codec(data, header, form)
    pixels, notes = _to_rgb(samples, header, form)
    return _in_srgb(Decoded(pixels, form.size, notes), header, form)


def stored_samples(header: Header, form: Form, index: int) -> _Samples:
    """Decode a frame that is compressed without loss by RLE, JPEG-LS or JPEG 2000, and no further.

    Args:
        header: Of the file.
        form: Of it.
        index: The frame's number from 0.

    Returns:
        The samples as they are stored, signed or not, (height, width) or (height, width, 3).

    Raises:
        ClauseError: Something is wrong, or it is compressed otherwise.
    """
    return _from_codec(frame_bytes(header, form, index), header, form)


def _from_jpeg(data: bytes, header: Header, form: Form) -> Decoded:
    claim = jpeg_claim(data)
    _hold(claim, form)
    if claim.bits != 8:
        return _from_deep_jpeg(data, header, form)
    is_ybr = form.photometric in _AS_YBR
    if form.samples == 3 and not claim.is_marked:
        data = with_colours_told(data, ycc=is_ybr and not claim.is_lossless)
    try:
        if claim.is_lossless:
            frame = replace(jpeg_markers.check(data), orientation=1)
            decoded = Decoded(jpeg.decode(data, frame, reduction=1), form.size)
        else:
            decoded = decode_jpeg(data, turn=False)
    except ValueError as error:
        raise ClauseError(f"has a JPEG picture that {error}") from error
    if form.samples == 1:
        pixels, notes = _to_rgb(decoded.pixels[..., 0], header, form)
        return replace(decoded, pixels=pixels, read_as=decoded.read_as + notes)
    if claim.is_lossless and is_ybr and not claim.is_marked:
        decoded = replace(decoded, pixels=_from_ybr(decoded.pixels))
    has_profile = bool(jpeg_markers.check(data).profile)
    return decoded if has_profile else _in_srgb(decoded, header, form)


def _from_deep_jpeg(data: bytes, header: Header, form: Form) -> Decoded:
    """Decode a JPEG of more than 8 bits, for which somebody may have installed what we don't."""
    from pydicom.pixels.decoders.base import get_decoder  # noqa: PLC0415

    if "pylibjpeg" not in get_decoder(header.syntax).available_plugins:
        raise ClauseError(
            "has a JPEG picture of more than 8 bits; export it without compression or as JPEG "
            "2000, or install the decoder that docs/hospital.md names"
        )
    pixels, notes = _to_rgb(_decoded(data, header, form, plugin="pylibjpeg"), header, form)
    return Decoded(pixels, form.size, notes)


def _from_codec(data: bytes, header: Header, form: Form) -> _Samples:
    if header.syntax == _RLE:
        return _decoded(data, header, form, plugin="pydicom")
    if header.syntax in _J2K:
        _hold(j2k_claim(data), form)
        return _decoded(data, header, form, plugin="pylibjpeg")
    if header.syntax in _JPEG_LS:
        _hold(jpeg_claim(data), form)
        return _decoded(data, header, form, plugin="pyjpegls")
    raise ClauseError(f"is written as {uid_name(header.syntax)}, which isn't read; {_REMEDY}")


def _decoded(data: bytes, header: Header, form: Form, *, plugin: str) -> _Samples:
    from pydicom.encaps import encapsulate  # noqa: PLC0415

    return _ask_decoder(encapsulate([data]), header, form, decoding_plugin=plugin)


def _from_samples(data: bytes, header: Header, form: Form) -> _Samples:
    if header.syntax == _BIG_ENDIAN and header.vr == "OW" and form.allocated == 8:
        data += b"\0" * (len(data) % 2)  # its bytes stand in words of two
        return _ask_decoder(data, header, form, pixel_vr="OW", be_swap_ow=True)
    return _ask_decoder(data, header, form)


def _ask_decoder(data: bytes, header: Header, form: Form, **options: Any) -> _Samples:
    """Give the samples as they are stored, (height, width) or (height, width, 3)."""
    from pydicom.pixels.decoders.base import get_decoder  # noqa: PLC0415

    options |= {
        "rows": form.size[0],
        "columns": form.size[1],
        "number_of_frames": 1,
        "samples_per_pixel": form.samples,
        "bits_allocated": form.allocated,
        "bits_stored": form.bits,
        "pixel_representation": int(form.is_signed),
        "photometric_interpretation": form.photometric,
        "planar_configuration": form.planar,
        "pixel_keyword": "PixelData",
    }
    with in_words(_NO_SENSE):
        samples, _ = get_decoder(header.syntax).as_array(data, index=0, raw=True, **options)
    expected = form.size if form.samples == 1 else (*form.size, 3)
    if samples.shape != expected or samples.dtype.kind not in "ui" or samples.itemsize > 2:
        raise ClauseError(_NO_SENSE)
    return np.asarray(samples)


def _to_rgb(samples: _Samples, header: Header, form: Form) -> tuple[_Samples, tuple[str, ...]]:
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
    if form.samples != 3 or form.is_signed or form.photometric not in (*_AS_RGB, *_AS_YBR):
        shown = form.photometric if form.photometric.isascii() else "?"
        raise ClauseError(f"has colours of the kind '{shown}', which isn't read; {_REMEDY}")
    if form.bits < 8 or (form.bits > 8 and form.photometric in _AS_YBR):
        raise ClauseError(f"has {form.bits} bits a colour, which isn't read; {_REMEDY}")
    if form.bits > 8:
        deep = np.bitwise_and(samples, (1 << form.bits) - 1)
        return np.ascontiguousarray(np.right_shift(deep, form.bits - 8).astype(np.uint8)), told
    pixels = np.ascontiguousarray(samples.astype(np.uint8, copy=False))
    return (_from_ybr(pixels) if form.photometric in _AS_YBR else pixels), ()


def _from_ybr(pixels: _Samples) -> _Samples:
    """Bring full-range YCbCr, uint8 (height, width, 3), to RGB."""
    swapped = np.ascontiguousarray(pixels[..., [0, 2, 1]])
    return np.asarray(cv2.cvtColor(swapped, cv2.COLOR_YCrCb2RGB), np.uint8)


def _in_srgb(decoded: Decoded, header: Header, form: Form) -> Decoded:
    """Honour the colour profile of the DICOM file, where it has one for colours."""
    with in_words(_NO_SENSE):
        profile = header.dataset.get("ICCProfile")
    if form.samples != 3 or not isinstance(profile, bytes) or not profile:
        return decoded
    from edge_runtime.photo import colour  # noqa: PLC0415 - few photos need it

    pixels, note = colour.to_srgb(decoded.pixels, profile)
    return replace(decoded, pixels=pixels, read_as=decoded.read_as + ((note,) if note else ()))


def _hold(claim: Claim, form: Form) -> None:
    """Refuse a compressed picture that isn't what the header says, before it is decoded."""
    if claim.size != form.size or claim.samples != form.samples or claim.bits > form.allocated:
        raise ClauseError(
            f"is damaged: its compressed picture claims {claim.size[1]} x {claim.size[0]} pixels "
            f"of {claim.samples} samples, its header {form.size[1]} x {form.size[0]} of "
            f"{form.samples}"
        )
