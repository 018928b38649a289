"""Photos are decoded as they were taken, or refused."""

import subprocess
import sys

import cv2
import numpy as np
import pytest

from edge_runtime.decode import decode_photo, read_photo
from edge_runtime.errors import PhotoNotFoundError, PhotoUnreadableError
from tests.conftest import EXAMPLE_PHOTO

LOSSLESS = (".png", ".tiff", ".bmp")
FORMATS = (".jpg", *LOSSLESS, ".webp")


def encoded(suffix, photo):
    _, data = cv2.imencode(suffix, np.ascontiguousarray(photo[..., ::-1]))
    return data.tobytes()


@pytest.fixture(scope="module")
def photo():
    return decode_photo(EXAMPLE_PHOTO.read_bytes())[::2, ::2].copy()


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_a_lossless_file_gives_the_pixels_that_were_written(suffix, photo):
    np.testing.assert_array_equal(decode_photo(encoded(suffix, photo)), photo)


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_a_lossy_file_gives_rgb_close_to_what_was_written(suffix, photo):
    # Compression moves a channel by a few steps; swapped channels would differ by over 50.
    difference = decode_photo(encoded(suffix, photo)).astype(int) - photo
    assert np.abs(difference).mean() < 3


@pytest.mark.parametrize("share", [0.999, 0.9, 0.5, 0.1])
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_truncated_file_is_refused(suffix, share, photo):
    data = encoded(suffix, photo)
    with pytest.raises(PhotoUnreadableError, match="truncated"):
        decode_photo(data[: int(len(data) * share)])


def test_a_text_file_is_refused_whatever_its_name():
    with pytest.raises(PhotoUnreadableError, match=r"eye\.jpg: not a JPEG"):
        decode_photo(b"hello", path=EXAMPLE_PHOTO.with_name("eye.jpg"))


def test_an_empty_and_a_missing_file_are_told_apart(tmp_path):
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(PhotoUnreadableError, match="empty"):
        read_photo(tmp_path / "empty.jpg")
    with pytest.raises(PhotoNotFoundError, match="no such file"):
        read_photo(tmp_path / "none.jpg")


NARROW = """
import re, resource, sys
from pathlib import Path
from edge_runtime.decode import decode, read_photo
held = int(re.search(r"VmSize:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) << 10
resource.setrlimit(resource.RLIMIT_AS, (held + (200 << 20),) * 2)
print(decode(read_photo(Path(sys.argv[1]), max_pixels=int(sys.argv[2]))).size)
"""


@pytest.mark.parametrize("max_pixels", [100_000_000, 10**30])
def test_reading_a_photo_reserves_no_more_than_the_photo(max_pixels):
    """Where memory is limited by ``ulimit -v``, what is reserved counts, used or not."""
    ran = subprocess.run(
        [sys.executable, "-c", NARROW, str(EXAMPLE_PHOTO), str(max_pixels)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.stdout == "(1411, 1411)\n", ran.stderr


@pytest.mark.parametrize(
    "pixels", [np.full((20, 30), 40000, np.uint16), np.full((20, 30), 9, "u1")]
)
def test_grey_and_16_bit_become_rgb_of_8_bits(pixels):
    _, data = cv2.imencode(".png", pixels)
    photo = decode_photo(data.tobytes())
    assert photo.shape == (20, 30, 3)
    assert photo.dtype == np.uint8


def test_the_orientation_that_the_camera_wrote_is_honoured(photo):
    plain = encoded(".jpg", photo[:, :200])
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    turned = plain[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + plain[2:]
    assert decode_photo(turned).shape[:2] == (200, photo.shape[0])
