"""Photos of every kind are decoded as they were taken, or refused."""

import struct
import subprocess
import sys

import cv2
import numpy as np
import pytest

from edge_runtime.errors import PhotoTooLargeError, PhotoUnreadableError
from edge_runtime.photo.decode import decode, decode_photo
from tests.conftest import EXAMPLE_PHOTO
from tests.edge_runtime.decoding import damaged, refused
from tests.edge_runtime.files import encoded, jpeg_claiming, noisy, png, png_chunk, tiff_of

LOSSLESS = (".png", ".tiff", ".bmp")
FORMATS = (".jpg", *LOSSLESS, ".webp")


@pytest.fixture(scope="module")
def photo():
    return decode_photo(EXAMPLE_PHOTO.read_bytes())[::2, ::2].copy()


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_a_lossless_file_gives_the_pixels_that_were_written(suffix, photo):
    np.testing.assert_array_equal(decode_photo(encoded(photo, suffix)), photo)


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_a_lossy_file_gives_rgb_close_to_what_was_written(suffix, photo):
    # Compression moves a channel by a few steps; swapped channels would differ by over 50.
    difference = decode_photo(encoded(photo, suffix)).astype(int) - photo
    assert np.abs(difference).mean() < 3


@pytest.mark.parametrize("share", [0.999, 0.9, 0.5, 0.1])
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_truncated_file_is_refused(suffix, share, photo):
    data = encoded(photo, suffix)
    with pytest.raises(PhotoUnreadableError, match="truncated"):
        decode_photo(data[: int(len(data) * share)])


def test_a_text_file_is_refused_whatever_its_name():
    with pytest.raises(PhotoUnreadableError, match=r"eye\.jpg: not a JPEG"):
        decode_photo(b"hello", path=EXAMPLE_PHOTO.with_name("eye.jpg"))


@pytest.mark.parametrize(
    "magic", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*", b"BM", b"RIFF"]
)
def test_a_formats_first_bytes_with_nonsense_after_them_are_refused(magic):
    noise = np.random.default_rng(1).integers(0, 256, 300, np.uint8).tobytes()
    for data in (magic, magic + noise, magic + bytes(300)):
        with pytest.raises(PhotoUnreadableError):
            decode_photo(data)


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (jpeg_claiming(encoded(noisy(), ".jpg"), 30_000, 30_000), "30000 x 30000"),
        (tiff_of([noisy()], tags=[(256, 4, 1, 30_000), (257, 4, 1, 30_000)]), "30000 x 30000"),
        (
            encoded(noisy(), ".bmp")[:18]
            + struct.pack("<ii", 30_000, -30_000)
            + encoded(noisy(), ".bmp")[26:],
            "truncated",  # a BMP of that size would have a longer file
        ),
    ],
    ids=["JPEG", "TIFF", "BMP"],
)
def test_a_file_that_claims_too_many_pixels_is_refused_before_it_is_decoded(data, shown):
    refused(data, shown)


def test_a_webp_that_claims_too_many_pixels_is_refused():
    data = bytearray(encoded(noisy(), ".webp", cv2.IMWRITE_WEBP_QUALITY, 80))
    assert data[12:16] == b"VP8 "
    data[26:30] = struct.pack("<HH", 16_383, 16_383)
    refused(bytes(data), "16383 x 16383 pixels, more than the 100000000 allowed; raise the limit")


def test_the_limit_can_be_moved_and_counts_the_headers_pixels():
    data = encoded(noisy(10, 20), ".png")
    assert decode(data, max_pixels=200).size == (10, 20)
    with pytest.raises(PhotoTooLargeError, match="20 x 10 pixels, more than the 199 allowed"):
        decode(data, max_pixels=199)


def test_a_photo_30000_pixels_wide_is_decoded():
    wide = np.zeros((40, 30_000, 3), np.uint8)
    wide[:, ::7] = 200
    assert decode(encoded(wide, ".png")).size == (40, 30_000)
    assert decode(encoded(wide, ".jpg")).size == (40, 30_000)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tiff", ".bmp", ".webp"])
def test_a_photo_of_one_pixel_is_decoded(suffix):
    assert decode(encoded(noisy(1, 1), suffix)).size == (1, 1)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize(
    "pixels",
    [
        np.full((20, 30), 40_000, np.uint16),
        np.full((20, 30, 3), 40_000, np.uint16),
        np.full((20, 30, 4), (90, 90, 90, 255), np.uint8),
        np.full((20, 30), 90, np.uint8),
    ],
    ids=["16-bit grey", "16-bit", "alpha", "grey"],
)
def test_every_depth_and_number_of_channels_becomes_rgb(suffix, pixels):
    photo = decode_photo(cv2.imencode(suffix, pixels)[1].tobytes())
    assert photo.shape == (20, 30, 3)
    assert np.all(photo == photo[0, 0, 0])


def test_a_veil_over_the_whole_photo_changes_no_pixel():
    """Libtiff multiplies by it, which made another class of a photo without a word."""
    opaque = noisy(20, 30)
    clear = np.dstack([opaque[..., ::-1], np.full((20, 30), 128, np.uint8)])
    seen = decode_photo(cv2.imencode(".png", clear)[1].tobytes())
    assert np.array_equal(seen, decode_photo(encoded(opaque, ".png")))
    with pytest.raises(PhotoUnreadableError, match="has transparent parts; save it anew without"):
        decode_photo(cv2.imencode(".tiff", clear)[1].tobytes())


def test_an_animated_webp_is_refused():
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + b"\x0f\0\0\x0f\0\0"
    body = b"WEBP" + canvas
    refused(b"RIFF" + struct.pack("<I", len(body)) + body, "animation")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt ", "not a JPEG, PNG, TIFF, BMP or WebP file"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "its kind is HEIC"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "its kind is AVIF"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "its kind is video"),
        (bytes(128) + b"DICM", "its kind is DICOM"),
        (b"%PDF-1.7", "its kind is PDF"),
        (b"II+\0\x08\0\0\0", "its kind is BigTIFF"),
        (b"GIF89a", "its kind is GIF"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "its kind is JPEG 2000"),
        (b"PK\x03\x04", "its kind is ZIP"),
    ],
)
def test_a_file_of_another_kind_is_called_what_it_is(data, sentence):
    refused(data + bytes(40), sentence)


def bmp(**fields):
    """Write a bitmap of noise with other numbers in its header: at a place, of some bytes."""
    data = bytearray(encoded(noisy(), ".bmp"))
    for name, value in fields.items():
        at, size = {"offset": (10, 4), "bits": (28, 2), "compression": (30, 4)}[name]
        data[at : at + size] = value.to_bytes(size, "little")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (bmp(bits=8, compression=1), "is compressed, which isn't read; save the photo as PNG"),
        (bmp(compression=4), "is compressed"),
        (bmp(offset=0), "pixels begin in its header"),
        (bmp(offset=53), "pixels begin in its header"),
        (bmp(bits=3), "of a kind that isn't read; save it anew"),
    ],
)
def test_a_bitmap_whose_header_makes_no_sense_is_refused(data, sentence):
    refused(data, sentence)


def test_a_photo_of_floating_point_numbers_is_refused_with_a_remedy():
    data = cv2.imencode(".tiff", np.zeros((20, 30, 3), np.float32))[1].tobytes()
    refused(data, "of a kind that isn't read; save it anew as PNG")


def test_the_c_libraries_print_nothing_of_their_own(tmp_path):
    """In a process of its own, because they write past Python's stderr."""
    jpeg = EXAMPLE_PHOTO.read_bytes()
    at = (jpeg.index(b"\xff\xda") + len(jpeg)) // 2
    rows = b"".join(b"\x00" + bytes(range(30)) for _ in range(8))
    picture = encoded(noisy(), ".png")
    bad = {
        "half": jpeg[:at] + b"\xff\xd9",
        "zeroed": damaged(jpeg, at, bytes(512)),
        "cut": jpeg[:at],
        "late": jpeg_claiming(jpeg, 700, 1411),
        "png": picture[:200] + bytes(50) + picture[250:],
        "row": png(b"\x07" + rows[1:], width=10, height=8),
        "profile": png(rows, width=10, height=8, extra=png_chunk(b"iCCP", b"x\0\0nonsense")),
        "tiff": tiff_of([noisy()], tags=[(273, 4, 1, 1 << 30)]),
        "sound": jpeg,
    }
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    code = (
        "import sys\nfrom pathlib import Path\nfrom edge_runtime.photo.decode import decode\n"
        "from edge_runtime.errors import PhotoUnreadableError\n"
        "for file in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    try:\n        decode(file.read_bytes())\n"
        "    except PhotoUnreadableError:\n        print(file.name)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert ran.stdout.split() == ["cut", "half", "late", "png", "row", "tiff", "zeroed"]
    assert ran.stderr == ""
