"""Decoding at its edges: where a file's pixels come last, or its end is not its own."""

import struct

import cv2
import numpy as np
import pytest

from edge_runtime.decode import decode_photo, read_photo
from edge_runtime.errors import PhotoUnreadableError
from tests.conftest import EXAMPLE_PHOTO


def noisy(height=96, width=128):
    """A picture that no format can make small, so that each share of its file holds pixels."""
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def encoded(photo, suffix, *options):
    return cv2.imencode(suffix, np.ascontiguousarray(photo[..., ::-1]), options)[1].tobytes()


def jpeg_with_exif(jpeg, orientation, *, preview=b""):
    """Add an EXIF segment with an orientation, and a preview after its directory."""
    tiff = b"MM\x00*" + struct.pack(">IH", 8, 1)
    tiff += struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack(">I", 0)
    segment = b"Exif\x00\x00" + tiff + preview
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]


@pytest.mark.parametrize("share", [0.9, 0.5])
def test_a_truncated_real_photo_is_refused(share):
    data = EXAMPLE_PHOTO.read_bytes()
    with pytest.raises(PhotoUnreadableError, match="truncated"):
        decode_photo(data[: int(len(data) * share)])


@pytest.mark.parametrize("share", [0.9, 0.5])
def test_a_truncated_progressive_jpeg_is_refused(share):
    data = encoded(noisy(), ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    assert decode_photo(data).shape == (96, 128, 3)
    with pytest.raises(PhotoUnreadableError, match="truncated"):
        decode_photo(data[: int(len(data) * share)])


def test_the_end_of_an_embedded_preview_isnt_taken_for_the_end_of_the_photo():
    preview = encoded(noisy(12, 16), ".jpg")
    data = jpeg_with_exif(encoded(noisy(), ".jpg"), 1, preview=preview)
    assert decode_photo(data).shape == (96, 128, 3)
    with pytest.raises(PhotoUnreadableError, match="truncated"):
        decode_photo(data[: int(len(data) * 0.9)])


def test_bytes_after_the_end_of_a_jpeg_do_no_harm():
    data = encoded(noisy(), ".jpg")
    assert np.array_equal(decode_photo(data + bytes(500)), decode_photo(data))


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (1, lambda photo: photo),
        (2, np.fliplr),
        (3, lambda photo: np.rot90(photo, 2)),
        (4, np.flipud),
        (6, lambda photo: np.rot90(photo, -1)),
        (8, lambda photo: np.rot90(photo, 1)),
    ],
)
def test_a_photo_is_turned_upright_by_its_exif_orientation(orientation, turn):
    jpeg = encoded(noisy(), ".jpg")
    expected = turn(decode_photo(jpeg))
    assert np.array_equal(decode_photo(jpeg_with_exif(jpeg, orientation)), expected)


def test_a_16_bit_png_keeps_its_upper_bits():
    grey = noisy()[..., 0]
    data = cv2.imencode(".png", grey.astype(np.uint16) * 257)[1].tobytes()
    # one grey level: 16 bits are cut or rounded to 8
    assert np.abs(decode_photo(data).astype(int) - grey[..., None]).max() <= 1


@pytest.mark.parametrize(
    "magic", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"MM\x00*", b"BM", b"RIFF"]
)
def test_a_formats_first_bytes_with_nonsense_after_them_are_refused(magic):
    noise = np.random.default_rng(1).integers(0, 256, 300, np.uint8).tobytes()
    for data in (magic, magic + noise, magic + bytes(300)):
        with pytest.raises(PhotoUnreadableError):
            decode_photo(data)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(PhotoUnreadableError, match="can't be searched"):
        read_photo(tmp_path)
