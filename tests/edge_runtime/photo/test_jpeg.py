"""A JPEG is decoded upright at the scale that is needed, and damage to it is noticed."""

import cv2
import numpy as np
import pytest

from edge_runtime.photo.decode import decode, decode_photo
from tests.conftest import EXAMPLE_PHOTO
from tests.edge_runtime.decoding import damaged, is_refused, refused
from tests.edge_runtime.files import encoded, jpeg_claiming, jpeg_with_exif, noisy

JPEG = EXAMPLE_PHOTO.read_bytes()
SCAN = JPEG.index(b"\xff\xda")


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
    refused(jpeg_claiming(JPEG, 705, 1411), "make no sense")
    refused(jpeg_claiming(JPEG, 2822, 1411), "make no sense")


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
    refused(data[: first + 200] + data[second:], "make no sense")


KINDS = {
    "plain": [],
    "progressive": [cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
    "restarts": [cv2.IMWRITE_JPEG_RST_INTERVAL, 20],
    "progressive, restarts": [cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_RST_INTERVAL, 20],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(400, 500), (1500, 1600)], ids=["full scale", "reduced"])
def test_two_thousand_random_bytes_are_noticed_in_every_kind_of_jpeg(kind, size):
    photo = cv2.resize(noisy(), size[::-1], interpolation=cv2.INTER_CUBIC)
    data = encoded(photo, ".jpg", *KINDS[kind])
    generator = np.random.default_rng(3)
    places = generator.integers(data.index(b"\xff\xda") + 20, len(data) - 2002, 25)
    noticed = [is_refused(damaged(data, int(at), generator.bytes(2000))) for at in places]
    assert sum(noticed) >= 23  # the rest leaves what comes after it as long as it was


@pytest.mark.parametrize("kind", KINDS)
def test_exact_grey_is_no_hole(kind):
    """As of a photo whose local mean was taken out of it, on a grey ground."""
    photo = np.full((400, 500, 3), 128, np.uint8)
    photo[100:200, 100:300] = 90
    assert decode(encoded(photo, ".jpg", *KINDS[kind])).size == (400, 500)


@pytest.mark.parametrize("kind", ["progressive", "restarts"])
def test_a_jpeg_of_several_parts_may_be_padded_before_its_end_marker(kind):
    data = encoded(noisy(), ".jpg", *KINDS[kind])
    assert np.array_equal(decode_photo(data[:-2] + bytes(40) + data[-2:]), decode_photo(data))
    refused(data[:-2] + b"\x01" * 40 + data[-2:], "make no sense")


def test_where_libjpeg_cant_be_heard_a_plain_jpeg_that_ends_early_is_noticed(monkeypatch):
    from edge_runtime.photo import jpeg
    from edge_runtime.system import stderr

    for module in (jpeg, stderr):
        monkeypatch.setattr(module, "CAN_LISTEN", False)
    assert decode(JPEG).size == (1411, 1411)
    refused(JPEG[: (SCAN + len(JPEG)) // 2] + b"\xff\xd9", "end too early")


def test_a_progressive_jpeg_without_its_last_scans_is_refused():
    data = encoded(noisy(), ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    starts = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xda"]
    assert len(starts) > 4
    refused(data[: starts[-1]] + b"\xff\xd9", "a part of its picture is missing")
    refused(data[: starts[1]] + b"\xff\xd9", "a part of its picture is missing")


def progressive(*, scans):
    """Keep the head of a progressive JPEG, and give it other scans: (component, header's end)."""
    data = encoded(noisy(), ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    head = data[: data.index(b"\xff\xda")]
    headers = (b"\xff\xda\0\x08\x01" + bytes([c, 0, *end]) for c, end in scans)
    return head + b"".join(headers) + b"\xff\xd9"


def test_a_jpeg_of_endless_scans_is_refused_before_it_is_decoded():
    bands = [(1, (0, 0, 0)), *((1, (i, i, 0)) for i in range(1, 40))]
    refused(progressive(scans=bands), "more than 32 scans")


@pytest.mark.parametrize(
    "scans",
    [
        [(1, (0, 0, 0x01)), (1, (0, 0, 0x10)), (1, (0, 0, 0x10))],  # the last bit comes twice
        [(1, (0, 0, 0x02)), (1, (0, 0, 0x10))],  # one bit is left out
        [(1, (0, 0, 0x02)), (1, (0, 0, 0x20))],  # two bits at once
        [(1, (1, 63, 0)), (1, (0, 0, 0))],  # what is fine comes before the base
        [(1, (0, 0, 0x10))],  # a refinement of nothing
    ],
)
def test_scans_that_dont_follow_from_each_other_are_refused_before_libjpeg_prints_of_them(scans):
    refused(progressive(scans=scans), "scans don't follow from each other")


def test_a_jpeg_of_12_bits_is_refused_as_what_it_is():
    data = bytearray(encoded(noisy(), ".jpg"))
    data[data.index(b"\xff\xc0") + 4] = 12
    refused(bytes(data), "has 12 bits for each colour, which isn't read; save it with 8")


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


@pytest.mark.parametrize("share", [0.9, 0.5])
def test_a_truncated_progressive_jpeg_is_refused(share):
    data = encoded(noisy(), ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    assert decode_photo(data).shape == (96, 128, 3)
    refused(data[: int(len(data) * share)], "truncated")


def test_the_end_of_an_embedded_preview_isnt_taken_for_the_end_of_the_photo():
    preview = encoded(noisy(12, 16), ".jpg")
    data = jpeg_with_exif(encoded(noisy(), ".jpg"), 1, preview=preview)
    assert decode_photo(data).shape == (96, 128, 3)
    refused(data[: int(len(data) * 0.9)], "truncated")


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
