"""The pixels of DICOM files are those that the camera saw, however they are written."""

import numpy as np
import pytest
from pydicom.uid import (
    JPEG2000,
    MPEG2MPML,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from edge_runtime.errors import PhotoTooLargeError, PhotoUnreadableError
from edge_runtime.hospital.frame_data import form_of
from edge_runtime.hospital.header import read_header
from edge_runtime.hospital.read import decode_dicom
from edge_runtime.hospital.samples import stored_frame
from edge_runtime.photo.decode import decode
from tests.edge_runtime.hospital.objects import (
    ALL_NATIVE,
    OP8,
    OP16,
    SC,
    VL,
    item,
    jpeg_of,
    jpegs,
    lossless_jpeg,
    make,
    save,
    ybr_of,
)
from tests.edge_runtime.profiles import rgb_profile


@pytest.fixture
def colours():
    """Smooth colours, 40 x 61: an odd width shows where rows are taken for even ones."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:41, :61]
    base = np.stack([3 * x, 5 * y, 255 - 2 * x - y], axis=2)
    return np.clip(base + rng.integers(0, 9, base.shape), 0, 255).astype(np.uint8)


@pytest.fixture
def read(tmp_path):
    def through(data):
        return decode_dicom(save(data, tmp_path / "a.dcm"))

    return through


@pytest.mark.parametrize("syntax", ALL_NATIVE, ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("sop_class", [OP8, VL, SC])
def test_colours_that_arent_compressed_come_as_they_are(colours, read, syntax, sop_class):
    decoded = read(make(colours, syntax=syntax, sop_class=sop_class))
    assert np.array_equal(decoded.pixels, colours)
    assert (decoded.size, decoded.read_as) == ((41, 61), ())


@pytest.mark.parametrize("syntax", ALL_NATIVE, ids=lambda syntax: syntax.name)
def test_colours_of_12_bits_are_scaled_by_the_bits_in_use(colours, read, syntax):
    deep = colours.astype(np.uint16) << 4
    decoded = read(make(deep, syntax=syntax, sop_class=OP16, bits=12))
    assert np.array_equal(decoded.pixels, colours)
    assert decoded.read_as == ("brightened: its file says that 12 of its 16 bits are in use",)


def test_colours_of_16_bits_lose_their_lower_half(colours, read):
    decoded = read(make(colours.astype(np.uint16) * 257, sop_class=OP16))
    assert np.array_equal(decoded.pixels, colours)


def test_planes_of_colours_one_behind_the_other_are_put_together(colours, read):
    data = make(colours, PlanarConfiguration=1)
    data.PixelData = np.ascontiguousarray(colours.transpose(2, 0, 1)).tobytes() + b"\0"
    assert np.array_equal(read(data).pixels, colours)


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless, RLELossless])
def test_lossless_compression_gives_the_same_colours(colours, read, syntax):
    data = make(colours)
    data.compress(syntax)
    assert np.array_equal(read(data).pixels, colours)


def test_jpeg_2000_with_loss_is_near(colours, read):
    data = make(colours)
    data.compress(JPEG2000, j2k_cr=[5])
    assert data.PhotometricInterpretation == "RGB"
    assert np.abs(read(data).pixels.astype(int) - colours).mean() < 6


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless, RLELossless])
def test_deep_grey_that_is_compressed_without_loss_comes_by_its_bits(colours, read, syntax):
    grey = colours[..., 0].astype(np.uint16) * 16 + 15
    data = make(grey, sop_class=OP16, bits=12)
    data.compress(syntax)
    assert np.array_equal(read(data).pixels[..., 1], np.rint(grey / 4095 * 255))


def test_a_jpeg_in_dicom_is_decoded_as_the_file_of_its_own(colours, read):
    inside = jpeg_of(colours)
    data = jpegs(make(colours, photometric="YBR_FULL_422"), inside)
    assert np.array_equal(read(data).pixels, decode(inside).pixels)


def _without_jfif(jpeg):
    assert jpeg[2:4] == b"\xff\xe0"
    return jpeg[:2] + jpeg[4 + int.from_bytes(jpeg[4:6], "big") :]


def test_a_jpeg_that_doesnt_tell_its_colours_has_those_that_dicom_says(colours, read):
    plain = _without_jfif(jpeg_of(colours))
    ycc = read(jpegs(make(colours, photometric="YBR_FULL_422"), plain)).pixels
    assert np.abs(ycc.astype(int) - colours).mean() < 6
    told = read(jpegs(make(colours, photometric="RGB"), plain)).pixels
    assert np.abs(ybr_of(ycc).astype(int) - told).mean() < 3  # its YCbCr taken as RGB, as told


@pytest.mark.parametrize("kind", ["RGB", "YBR_FULL"])
def test_lossless_jpeg_gives_the_same_colours(colours, read, kind):
    stored = colours if kind == "RGB" else ybr_of(colours)
    data = jpegs(make(colours, photometric=kind), lossless_jpeg(stored), syntax=JPEGLosslessSV1)
    got = read(data).pixels.astype(int)
    assert np.abs(got - colours).max() <= (0 if kind == "RGB" else 2)  # rounded there and back


@pytest.mark.parametrize("kind", ["MONOCHROME2", "MONOCHROME1"])
def test_lossless_jpeg_gives_the_same_grey_values(colours, read, kind, tmp_path):
    grey = np.ascontiguousarray(colours[..., 1])
    plain = make(grey, photometric=kind)
    data = jpegs(make(grey, photometric=kind), lossless_jpeg(grey), syntax=JPEGLosslessSV1)
    native = read(plain).pixels
    assert np.array_equal(read(data).pixels, native)
    with save(data, tmp_path / "b.dcm").open("rb") as file:
        header = read_header(file, (tmp_path / "b.dcm").stat().st_size, limit=1 << 20)
        samples, told = stored_frame(header, form_of(header), 0)
    assert np.array_equal(samples, grey)
    assert told == kind


@pytest.mark.parametrize("photometric", ["YBR_FULL", "YBR_FULL_422"])
def test_ycbcr_that_isnt_compressed_becomes_rgb(colours, read, photometric):
    even = colours[:40, :60]
    ybr = ybr_of(even)
    data = make(ybr, photometric=photometric)
    if photometric == "YBR_FULL_422":
        pairs = np.stack([ybr[:, ::2, 0], ybr[:, 1::2, 0], ybr[:, ::2, 1], ybr[:, ::2, 2]], axis=2)
        data.PixelData = np.ascontiguousarray(pairs).tobytes()
    difference = np.abs(read(data).pixels.astype(int) - even)
    assert difference.mean() < (0.6 if photometric == "YBR_FULL" else 8)


def test_a_palette_gives_its_colours(read):
    numbers = np.arange(64, dtype=np.uint8).reshape(8, 8)
    table = np.random.default_rng(1).integers(0, 256, (3, 64)).astype(np.uint16)
    data = make(numbers, photometric="PALETTE COLOR", sop_class=SC)
    for name, row in zip(("Red", "Green", "Blue"), table, strict=True):
        setattr(data, f"{name}PaletteColorLookupTableDescriptor", [64, 0, 16])
        setattr(data, f"{name}PaletteColorLookupTableData", (row * 257).astype("<u2").tobytes())
    assert np.array_equal(read(data).pixels, table.T[numbers].astype(np.uint8))


RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, RAMP),
        ({"PhotometricInterpretation": "MONOCHROME1"}, 255 - RAMP),
        ({"PresentationLUTShape": "INVERSE"}, 255 - RAMP),
        ({"WindowCenter": 64, "WindowWidth": 64}, np.clip((RAMP - 63.5) / 63 + 0.5, 0, 1) * 255),
        ({"RescaleSlope": "2", "RescaleIntercept": "-10"}, RAMP),
        (
            {"RescaleSlope": "2", "RescaleIntercept": "0", "WindowCenter": 256, "WindowWidth": 257},
            np.clip((RAMP * 2.0 - 255.5) / 256 + 0.5, 0, 1) * 255,
        ),
        ({"WindowCenter": 64, "WindowWidth": 0}, RAMP),
        (
            {"VOILUTSequence": [item(LUTDescriptor=[256, 0, 8], LUTData=bytes(255 - RAMP))]},
            255 - RAMP,
        ),
        (
            {"ModalityLUTSequence": [
                item(LUTDescriptor=[256, 0, 16], LUTData=(RAMP.astype("<u2") * 257)[::-1].tobytes())
            ]},
            (RAMP.astype(int))[::-1].reshape(-1)[RAMP],
        ),
    ],
)  # fmt: skip
def test_grey_tones_go_through_what_the_file_says(read, tags, expected):
    data = make(RAMP, sop_class=SC)
    for name, value in tags.items():
        setattr(data, name, value)
    for sequence in ("VOILUTSequence", "ModalityLUTSequence"):
        for each in data.get(sequence, []):
            each["LUTDescriptor"].VR, each["LUTData"].VR = "US", "OW"
            if sequence == "VOILUTSequence":
                each.LUTData = np.frombuffer(each.LUTData, np.uint8).astype("<u2").tobytes()
    got = read(data)
    assert np.abs(got.pixels - np.asarray(expected)[..., None]).max() <= 1
    assert bool(got.read_as) == (tags.get("WindowWidth") == 0)


def test_signed_grey_begins_at_its_lowest_value(read):
    signed = (RAMP.astype(np.int16) - 128) * 16
    got = read(make(signed, sop_class=OP16, bits=12)).pixels[..., 0]
    assert np.abs(got.astype(int) - RAMP).max() <= 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"PhotometricInterpretation": "HSV"}, "colours of the kind 'HSV'"),
        ({"Rows": 0}, "has no size"),
        ({"Rows": 42}, "is truncated"),
        ({"BitsAllocated": 32, "BitsStored": 32, "HighBit": 31}, "of 32 bits a pixel"),
        ({"SamplesPerPixel": 4}, "has 4 samples"),
        ({"HighBit": 3}, "doesn't say how its pixels are written"),
        ({"PixelData": None}, "has no picture"),
        ({"NumberOfFrames": "0"}, "claims 0 photos"),
        ({"NumberOfFrames": "-3"}, "claims -3 photos"),
        ({"NumberOfFrames": "2000000000"}, "claims 2000000000 photos, more than the 1000"),
    ],
)
def test_what_isnt_a_photo_is_said_in_one_sentence(colours, read, change, said):
    with pytest.raises(PhotoUnreadableError, match=said) as raised:
        read(make(colours, **change))
    assert "\n" not in str(raised.value)
    assert "; " in str(raised.value)


def test_a_film_is_refused_by_name(colours, read):
    with pytest.raises(PhotoUnreadableError, match="written as MPEG2"):
        read(jpegs(make(colours), b"\0\0\1\xb3" * 20, syntax=MPEG2MPML))


def test_too_many_pixels_are_refused_before_they_are_decoded(colours, tmp_path):
    with pytest.raises(PhotoTooLargeError, match="61 x 41"):
        decode_dicom(save(make(colours), tmp_path / "a.dcm"), max_pixels=2000)


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEG2000Lossless, JPEGLSLossless])
def test_a_compressed_picture_of_another_size_than_the_headers_is_refused(colours, read, syntax):
    if syntax == JPEGBaseline8Bit:
        data = jpegs(make(colours, photometric="YBR_FULL_422"), jpeg_of(colours))
    else:
        data = make(colours)
        data.compress(syntax)
    data.Rows = 20
    with pytest.raises(PhotoUnreadableError, match="claims 61 x 41 pixels of 3 samples, its"):
        read(data)


def test_a_colour_profile_is_honoured(colours, read):
    made = rgb_profile("Adobe RGB", curve=2.2)
    decoded = read(make(colours, ICCProfile=made))
    assert not np.array_equal(decoded.pixels, colours)
    assert "sRGB" in decoded.read_as[0]
