"""Decode a frame of a DICOM file to its samples as they are stored, and no further."""

from importlib.util import find_spec
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from edge_runtime.hospital import syntaxes
from edge_runtime.hospital.codestream import Claim, j2k_claim, jpeg_claim, with_colours_told
from edge_runtime.hospital.damage import ClauseError, in_words
from edge_runtime.hospital.frame_data import Form, frame_bytes
from edge_runtime.hospital.header import Header
from edge_runtime.hospital.installed import INSTALL_DEEP
from edge_runtime.hospital.kinds import uid_name
from edge_runtime.hospital.syntaxes import BIG_ENDIAN, DEFLATED, NATIVE, RLE
from edge_runtime.photo import jpeg, jpeg_markers

_JPEG = frozenset(
    {
        syntaxes.JPEG_BASELINE,
        syntaxes.JPEG_EXTENDED,
        syntaxes.JPEG_LOSSLESS,
        syntaxes.JPEG_LOSSLESS_FIRST,
    }
)
_JPEG_LS = frozenset({syntaxes.JPEG_LS_LOSSLESS, syntaxes.JPEG_LS})
_J2K = frozenset(
    {
        syntaxes.JPEG_2000_LOSSLESS,
        syntaxes.JPEG_2000,
        syntaxes.HTJ2K_LOSSLESS,
        syntaxes.HTJ2K_LOSSLESS_RPCL,
        syntaxes.HTJ2K,
    }
)

#: All transfer syntaxes that are read.
SYNTAXES = NATIVE | _JPEG | _JPEG_LS | _J2K | {RLE, DEFLATED}

#: Whose samples are those of YCbCr.
AS_YBR = ("YBR_FULL", "YBR_FULL_422")

_JPEG_END = b"\xff\xd9"
_NO_SENSE = "is damaged: its picture can't be decoded"
_REMEDY = "export the photo as JPEG or PNG"

Samples = npt.NDArray[Any]


def is_jpeg(syntax: str) -> bool:
    """Tell whether frames of a transfer syntax are JPEGs."""
    return syntax in _JPEG


def stored_frame(header: Header, form: Form, index: int) -> tuple[Samples, str]:
    """Decode a frame no further than to its samples as they are stored, all of them.

    Args:
        header: As for ``decode_frame``, and so the others and what is raised.
        form: Likewise.
        index: Likewise.

    Returns:
        uint8 or uint16, or of signed numbers, (height, width) or (height, width, 3); and what they
        mean, as Photometric Interpretation says it: colours of compressed frames come as RGB or
        YBR_FULL.
    """
    data = frame_bytes(header, form, index)
    if header.syntax in _JPEG:
        claim = jpeg_claim(data)
        if claim.bits == 8:
            pixels = jpeg_at_full_size(data, claim, form)
            return (pixels[..., 0], form.photometric) if form.samples == 1 else (pixels, "RGB")
        hold(claim, form)
        samples = deep_jpeg_samples(data, form)
    elif header.syntax in NATIVE:
        samples = from_native(data, header, form)
    else:
        samples = from_codec(data, header, form)
    decoded_as = {"YBR_RCT": "RGB", "YBR_ICT": "RGB", "YBR_FULL_422": "YBR_FULL"}
    return samples, decoded_as.get(form.photometric, form.photometric)


def stored_samples(header: Header, form: Form, index: int) -> Samples:
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
    return from_codec(frame_bytes(header, form, index), header, form)


def jpeg_at_full_size(data: bytes, claim: Claim, form: Form) -> Samples:
    """Decode a JPEG of 8 bits to RGB, (height, width, 3), large ones too."""
    hold(claim, form)
    told = with_colours(data, claim, form)
    try:
        frame = replace(jpeg_markers.check(told), orientation=1)
        is_grey = claim.is_lossless and form.samples == 1
        pixels = jpeg.decode(told, frame, reduction=1, is_grey=is_grey)
    except ValueError as error:
        raise ClauseError(f"has a JPEG picture that {error}") from error
    is_ybr = form.samples == 3 and form.photometric in AS_YBR and not claim.is_marked
    return ybr_to_rgb(pixels) if claim.is_lossless and is_ybr else pixels


def with_colours(data: bytes, claim: Claim, form: Form) -> bytes:
    """Tell a JPEG that doesn't say it how its colours are meant, for its decoder."""
    if form.samples != 3 or claim.is_marked:
        return data
    return with_colours_told(data, ycc=form.photometric in AS_YBR and not claim.is_lossless)


def deep_jpeg_samples(data: bytes, form: Form) -> Samples:
    """Decode a JPEG of more than 8 bits, by an extra of its own as it is large.

    Raises:
        ClauseError: The extra isn't there, or something is wrong.
    """
    if find_spec("imagecodecs") is None:
        raise ClauseError(
            f"has a JPEG picture of more than 8 bits, which needs: {INSTALL_DEEP}; or export it "
            "without compression or as JPEG 2000"
        )
    if not data.rstrip(b"\0").endswith(_JPEG_END):  # which its decoder passes over
        raise ClauseError("is truncated")
    import imagecodecs  # noqa: PLC0415 - few photos need it

    with in_words(_NO_SENSE):
        samples = imagecodecs.jpeg8_decode(with_colours(data, jpeg_claim(data), form))
    return _signed(_held(samples, form), form)


def _signed(samples: Samples, form: Form) -> Samples:
    """Read samples as signed numbers where they are: a JPEG knows none."""
    if not form.is_signed:
        return samples
    unused = 16 - form.bits
    return np.right_shift(np.left_shift(samples, unused).view(np.int16), unused)


def from_codec(data: bytes, header: Header, form: Form) -> Samples:
    """Decode RLE, JPEG-LS or JPEG 2000.

    Raises:
        ClauseError: Something is wrong, or it is compressed otherwise.
    """
    if header.syntax == RLE:
        return _decoded(data, header, form, plugin="pydicom")
    if header.syntax in _J2K:
        hold(j2k_claim(data), form)
        return _decoded(data, header, form, plugin="pylibjpeg")
    if header.syntax in _JPEG_LS:
        hold(jpeg_claim(data), form)
        return _decoded(data, header, form, plugin="pyjpegls")
    raise ClauseError(f"is written as {uid_name(header.syntax)}, which isn't read; {_REMEDY}")


def from_native(data: bytes, header: Header, form: Form) -> Samples:
    """Arrange samples that aren't compressed; likewise."""
    if header.syntax == BIG_ENDIAN and header.vr == "OW" and form.allocated == 8:
        data += b"\0" * (len(data) % 2)  # its bytes stand in words of two
        return _ask_decoder(data, header, form, pixel_vr="OW", be_swap_ow=True)
    return _ask_decoder(data, header, form)


def ybr_to_rgb(pixels: Samples) -> Samples:
    """Bring full-range YCbCr, uint8 (height, width, 3), to RGB."""
    swapped = np.ascontiguousarray(pixels[..., [0, 2, 1]])
    return np.asarray(cv2.cvtColor(swapped, cv2.COLOR_YCrCb2RGB), np.uint8)


def hold(claim: Claim, form: Form) -> None:
    """Refuse a compressed picture that isn't what the header says, before it is decoded."""
    if claim.size != form.size or claim.samples != form.samples or claim.bits > form.allocated:
        raise ClauseError(
            f"is damaged: its compressed picture claims {claim.size[1]} x {claim.size[0]} pixels "
            f"of {claim.samples} samples, its header {form.size[1]} x {form.size[0]} of "
            f"{form.samples}"
        )


def _decoded(data: bytes, header: Header, form: Form, *, plugin: str) -> Samples:
    from pydicom.encaps import encapsulate  # noqa: PLC0415

    return _ask_decoder(encapsulate([data]), header, form, decoding_plugin=plugin)


def _ask_decoder(data: bytes, header: Header, form: Form, **options: Any) -> Samples:
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
    return _held(samples, form)


def _held(samples: Samples, form: Form) -> Samples:
    expected = form.size if form.samples == 1 else (*form.size, 3)
    if samples.shape != expected or samples.dtype.kind not in "ui" or samples.itemsize > 2:
        raise ClauseError(_NO_SENSE)
    return np.asarray(samples)
