"""When a photograph was taken, by the camera's clock."""

import io

import pytest
from PIL import Image

from edge_runtime.station.camera_time import time_taken

ORIGINAL, CHANGED, DIRECTORY = 0x9003, 0x0132, 0x8769


@pytest.fixture
def photo(tmp_path):
    """Write a photograph with EXIF values by tag."""

    def write(suffix=".jpg", *, original=None, changed=None):
        exif = Image.Exif()
        if changed is not None:
            exif[CHANGED] = changed
        if original is not None:
            exif.get_ifd(DIRECTORY)[ORIGINAL] = original
        file = tmp_path / f"photo{suffix}"
        Image.new("RGB", (8, 8)).save(file, exif=exif)
        return file

    return write


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_the_moment_of_the_picture_counts_before_that_of_a_change(photo, suffix):
    file = photo(suffix, original="2024:05:17 09:30:01", changed="2025:01:01 00:00:00")
    assert time_taken(file) == "2024-05-17T09:30:01"


def test_without_that_moment_the_change_is_taken(photo):
    assert time_taken(photo(changed="2024:05:17 09:30:01")) == "2024-05-17T09:30:01"
    file = photo(original="0000:00:00 00:00:00", changed="2024:05:17 09:30:01")
    assert time_taken(file) == "2024-05-17T09:30:01"


def test_a_file_that_tells_no_time_has_none(photo):
    assert time_taken(photo()) is None


@pytest.mark.parametrize(
    "nonsense",
    ["", "    :  :     :  :  ", "0000:00:00 00:00:00", "2024:13:40 25:61:61", "yesterday",
     "2024-05-17 09:30", "2024:05:17 09:30:01 <script>", "2" * 5000],
)  # fmt: skip
def test_nonsense_is_no_time(photo, nonsense):
    assert time_taken(photo(original=nonsense, changed=nonsense)) is None


def test_a_time_of_zero_ends_and_spaces_is_read(photo):
    assert time_taken(photo(original="2024:05:17 09:30:01 \0")) == "2024-05-17T09:30:01"


def test_a_file_that_pillow_cannot_read_or_is_gone_has_no_time(photo, tmp_path):
    file = photo(original="2024:05:17 09:30:01")
    data = file.read_bytes()
    for cut in range(0, len(data), 7):
        file.write_bytes(data[:cut])
        assert time_taken(file) in (None, "2024-05-17T09:30:01")
    file.write_bytes(b"GIF89a")
    assert time_taken(file) is None
    assert time_taken(tmp_path / "none.jpg") is None


def test_damaged_exif_is_no_time(tmp_path):
    file, stream = tmp_path / "photo.jpg", io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(DIRECTORY)[ORIGINAL] = "2024:05:17 09:30:01"
    Image.new("RGB", (8, 8)).save(stream, "JPEG", exif=exif)
    data = bytearray(stream.getvalue())
    at = data.index(b"Exif\0\0") + 6
    for offset in range(at, at + 60):
        for value in (0, 0xFF):
            changed = bytearray(data)
            changed[offset] = value
            file.write_bytes(changed)
            time_taken(file)  # whatever it says, it says it and doesn't raise
