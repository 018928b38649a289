"""Damage in the middle of a file is noticed where the format lets it be, and said once."""

import os
import struct
import subprocess
import sys

import cv2
import numpy as np
import pytest

from edge_runtime.decode import decode, decode_photo
from edge_runtime.errors import PhotoTooLargeError, PhotoUnreadableError
from tests.conftest import EXAMPLE_PHOTO
from tests.edge_runtime.files import (
    encoded,
    jpeg_claiming,
    jpeg_with_exif,
    noisy,
    png,
    png_chunk,
    tiff_of,
)

JPEG = EXAMPLE_PHOTO.read_bytes()
SCAN = JPEG.index(b"\xff\xda")


def refused(data, sentence):
    with pytest.raises(PhotoUnreadableError, match=sentence) as caught:
        decode(data)
    assert "\n" not in str(caught.value)


def damaged(data, at, filling):
    filling = filling.replace(b"\xff", b"\xfe")  # no markers: damage that only the length shows
    return data[:at] + filling + data[at + len(filling) :]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_half_a_jpeg_with_an_end_marker_is_refused(share):
    refused(JPEG[: SCAN + int((len(JPEG) - SCAN) * share)] + b"\xff\xd9", "damaged: its picture")


def test_zeroed_bytes_in_a_jpeg_are_noticed():
    places = np.random.default_rng(0).integers(SCAN + 20, len(JPEG) - 3000, 20)
    for at in map(int, places):
        refused(damaged(JPEG, at, bytes(512)), "damaged")


def test_a_sector_of_noise_in_a_jpeg_is_noticed():
    generator = np.random.default_rng(1)
    for at in map(int, generator.integers(SCAN + 20, len(JPEG) - 3000, 10)):
        noise = generator.integers(0, 255, 4096, np.uint8).tobytes()
        if at + 4096 < len(JPEG) - 2:
            refused(damaged(JPEG, at, noise), "damaged")


def test_a_picture_that_ends_too_early_or_too_late_in_its_file_is_refused():
    # a picture of half the height has half the data left over
    refused(jpeg_claiming(JPEG, 705, 1411), "don't fit its size")
    refused(jpeg_claiming(JPEG, 2822, 1411), "end too early")


def test_a_jpeg_with_a_marker_that_cant_be_there_is_refused():
    at = (SCAN + len(JPEG)) // 2
    refused(JPEG[:at] + b"\xff\x02" + JPEG[at:], "no marker where one must be")
    refused(JPEG[:at] + b"\xff\xd3" + JPEG[at:], "restart markers are not in order")


def test_a_few_bytes_between_picture_and_end_marker_do_no_harm():
    padded = JPEG[:-2] + bytes(12) + b"\xff\xff\xd9"
    assert np.array_equal(decode_photo(padded), decode_photo(JPEG))


@pytest.mark.parametrize("restart", [1, 7, 50])
def test_restart_markers_are_counted_and_a_lost_one_is_noticed(restart):
    data = encoded(noisy(), ".jpg", cv2.IMWRITE_JPEG_RST_INTERVAL, restart)
    assert data.count(b"\xff\xdd\x00\x04") == 1
    assert decode_photo(data).shape == (96, 128, 3)
    if restart < 48:  # the picture has 48 units
        at = data.index(b"\xff\xd0", data.index(b"\xff\xda"))
        refused(data[:at] + data[at + 2 :], "restart markers")


def test_a_hole_between_restart_markers_is_noticed():
    data = encoded(noisy(), ".jpg", cv2.IMWRITE_JPEG_RST_INTERVAL, 8)
    scan = data.index(b"\xff\xda")
    first, second = (data.index(bytes([0xFF, 0xD0 + i]), scan) for i in (0, 1))
    refused(data[: first + 200] + data[second:], "a part of its picture is missing")


def test_a_progressive_jpeg_without_its_last_scans_is_refused():
    data = encoded(noisy(), ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    starts = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xda"]
    assert len(starts) > 4
    refused(data[: starts[-1]] + b"\xff\xd9", "a part of its picture is missing")
    refused(data[: starts[1]] + b"\xff\xd9", "a part of its picture is missing")


def test_a_jpeg_of_endless_scans_is_refused_before_it_is_decoded():
    data = encoded(noisy(), ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    start = data.rindex(b"\xff\xda")
    refused(data[:start] + (data[start:-2]) * 100 + b"\xff\xd9", "more than 100 scans")


def test_every_wrong_byte_of_a_png_is_noticed():
    data = encoded(noisy(12, 9), ".png")
    for at in range(8, len(data)):
        changed = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
        with pytest.raises(PhotoUnreadableError):
            decode(changed)


ROWS = b"".join(b"\x00" + bytes(range(30)) for _ in range(8))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (png(ROWS[:-1], width=10, height=8), "rows are missing"),
        (png(ROWS + b"\x00", width=10, height=8), "more pixels than its size"),
        (png(b"\x07" + ROWS[1:], width=10, height=8), "a row makes no sense"),
        (png(ROWS, width=10, height=8, depth=3), "header makes no sense"),
        (png(ROWS, width=30, height=8, colour=3), "no palette"),
        (png(ROWS, width=0, height=8), "no size"),
        (png(ROWS, width=10, height=8, extra=png_chunk(b"acTL", bytes(8))), "an animation"),
    ],
)
def test_a_png_with_right_checksums_and_wrong_content_is_refused(data, sentence):
    refused(data, sentence)


def test_a_colour_profile_that_is_nonsense_is_no_matter():
    extra = (
        png_chunk(b"iCCP", b"x\0\0nonsense") + png_chunk(b"gAMA", b"") + png_chunk(b"tIME", b"9")
    )
    photo = decode_photo(png(ROWS, width=10, height=8, extra=extra))
    assert np.array_equal(photo, decode_photo(png(ROWS, width=10, height=8)))


def test_a_png_bomb_is_refused_by_its_header():
    refused(png(ROWS, width=60_000, height=60_000), "60000 x 60000 pixels")


def test_a_png_that_holds_more_than_it_says_isnt_unpacked():
    bomb = png(bytes(200_000_000), width=10, height=8, level=1)
    refused(bomb, "more pixels than its size")


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
        np.full((20, 30, 4), 90, np.uint8),
        np.full((20, 30), 90, np.uint8),
    ],
    ids=["16-bit grey", "16-bit", "alpha", "grey"],
)
def test_every_depth_and_number_of_channels_becomes_rgb(suffix, pixels):
    photo = decode_photo(cv2.imencode(suffix, pixels)[1].tobytes())
    assert photo.shape == (20, 30, 3)
    assert np.all(photo == photo[0, 0, 0])


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_a_palette_becomes_rgb(depth):
    row = b"\x00" + bytes(16 * depth // 8)
    extra = png_chunk(b"PLTE", bytes([10, 20, 30]) * (1 << depth)) + png_chunk(b"tRNS", b"\x00")
    photo = decode_photo(png(row * 4, width=16, height=4, depth=depth, colour=3, extra=extra))
    assert (photo == [10, 20, 30]).all()


def test_an_interlaced_png_is_checked_pass_by_pass():
    sizes = [(1, 2), (1, 1), (1, 3), (2, 2), (2, 5), (4, 4), (4, 9)]  # rows, columns of 9 x 8
    rows = b"".join((b"\x00" + bytes([77]) * columns) * rows for rows, columns in sizes)
    data = png(rows, width=9, height=8, colour=0, interlace=1)
    assert (decode_photo(data) == 77).all()
    refused(png(rows[:-10], width=9, height=8, colour=0, interlace=1), "rows are missing")


def test_a_cmyk_jpeg_becomes_rgb():
    """Four components as Adobe writes them, inverted: OpenCV can't write one, so it is by hand."""
    plain = cv2.imencode(".jpg", np.full((16, 16), 200, np.uint8))[1].tobytes()
    frame, scan = plain.index(b"\xff\xc0"), plain.index(b"\xff\xda")
    tables = plain[2:frame] + plain[frame + 13 : scan]
    adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
    head = b"\xff\xc0\x00\x14\x08\x00\x10\x00\x10\x04" + b"".join(
        bytes([i, 0x11, 0]) for i in (1, 2, 3, 4)
    )
    coded = plain[scan + 10 : -2]
    scans = b"".join(
        b"\xff\xda\x00\x08\x01" + bytes([i, 0]) + b"\x00\x3f\x00" + coded for i in (1, 2, 3, 4)
    )
    photo = decode_photo(b"\xff\xd8" + adobe + tables + head + scans + b"\xff\xd9")
    assert photo.shape == (16, 16, 3)
    assert np.ptp(photo) <= 2  # ink of one amount in all four: grey, but for rounding


def test_an_animated_webp_is_refused():
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + b"\x0f\0\0\x0f\0\0"
    body = b"WEBP" + canvas
    refused(b"RIFF" + struct.pack("<I", len(body)) + body, "animation")


def test_a_sound_file_of_another_kind_is_named_as_what_isnt_read():
    wave = b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + bytes(28)
    refused(wave, "not a JPEG, PNG, TIFF, BMP or WebP file")


@pytest.mark.parametrize("renamed", ["eye.png", "eye.txt", "eye"])
def test_a_renamed_file_is_read_by_its_content(tmp_path, renamed):
    from edge_runtime.decode import read_photo

    (tmp_path / renamed).write_bytes(JPEG)
    assert decode(read_photo(tmp_path / renamed)).size == (1411, 1411)


def test_a_pipe_and_a_device_are_refused_rather_than_waited_for(tmp_path):
    from pathlib import Path

    from edge_runtime.decode import read_photo

    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (tmp_path / "pipe.jpg", Path("/dev/zero")):
        with pytest.raises(PhotoUnreadableError, match="not a file but a device or a pipe"):
            read_photo(path)


def test_a_file_too_large_for_the_limit_isnt_read(tmp_path):
    from edge_runtime.decode import read_photo

    with (tmp_path / "huge.jpg").open("wb") as file:
        file.truncate(1 << 40)  # a hole: it takes no room
    with pytest.raises(PhotoUnreadableError, match="too many for a photo"):
        read_photo(tmp_path / "huge.jpg")


def test_the_c_libraries_print_nothing_of_their_own(tmp_path):
    """In a process of its own, because they write past Python's stderr."""
    at = (SCAN + len(JPEG)) // 2
    picture = encoded(noisy(), ".png")
    bad = {
        "half": JPEG[:at] + b"\xff\xd9",
        "zeroed": damaged(JPEG, at, bytes(512)),
        "cut": JPEG[:at],
        "late": jpeg_claiming(JPEG, 700, 1411),
        "png": picture[:200] + bytes(50) + picture[250:],
        "row": png(b"\x07" + ROWS[1:], width=10, height=8),
        "profile": png(ROWS, width=10, height=8, extra=png_chunk(b"iCCP", b"x\0\0nonsense")),
        "tiff": tiff_of([noisy()], tags=[(273, 4, 1, 1 << 30)]),
        "sound": JPEG,
    }
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    code = (
        "import sys\nfrom pathlib import Path\nfrom edge_runtime.decode import decode\n"
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


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_reduced_photo_is_turned_as_the_full_one(orientation, order):
    photo = cv2.resize(noisy(50, 70), (2200, 1500), interpolation=cv2.INTER_CUBIC)
    jpeg = jpeg_with_exif(encoded(photo, ".jpg"), orientation, order=order)
    full = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    found = decode(jpeg)
    assert found.size == full.shape[:2]
    assert max(found.pixels.shape[:2]) == 1100
    small = cv2.resize(full, found.pixels.shape[1::-1], interpolation=cv2.INTER_AREA)
    # the decoder averages in its own way: a few levels, where a wrong turn differs by dozens
    assert np.abs(found.pixels.astype(int) - small).mean() < 4


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((1398, 3000), (1398, 3000)),
        ((1400, 3000), (700, 1500)),
        ((2848, 4288), (712, 1072)),
        ((5600, 5600), (700, 700)),
        ((2849, 2851), (1425, 1426)),  # a quarter would look square, whichever way it is turned
        ((1401, 1402), (1401, 1402)),
    ],
)
def test_the_scale_follows_from_the_headers_size(size, shown):
    data = encoded(np.zeros((*size, 3), np.uint8), ".jpg")
    found = decode(data)
    assert found.size == size
    assert found.pixels.shape[:2] == shown
