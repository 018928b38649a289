"""A JPEG is decoded upright at the scale that is needed, and damage to it is noticed."""

from itertools import pairwise

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
    refused(JPEG[:at] + b"\xff\xd3" + JPEG[at:], "make no sense")


def test_no_other_picture_can_be_hidden_from_the_check():
    """A restart marker has no length, so what looks like one is libjpeg's next segment."""
    hidden, shown = encoded(noisy(300, 400), ".jpg", cv2.IMWRITE_JPEG_QUALITY, 5), JPEG
    assert hidden[2:4] == b"\xff\xe0"
    data = (b"\xff\xd8\xff\xd0" + hidden[2:]).ljust(4 + 0xFFE0, b"\0") + shown[2:]
    refused(data, "no marker where one must be")


def test_a_few_bytes_between_picture_and_end_marker_do_no_harm():
    padded = JPEG[:-2] + bytes(12) + b"\xff\xff\xd9"
    assert np.array_equal(decode_photo(padded), decode_photo(JPEG))


@pytest.mark.parametrize("restart", [1, 7, 50])
def test_a_lost_restart_marker_is_noticed(restart):
    data = encoded(noisy(), ".jpg", cv2.IMWRITE_JPEG_RST_INTERVAL, restart)
    assert data.count(b"\xff\xdd\x00\x04") == 1
    assert decode_photo(data).shape == (96, 128, 3)
    if restart < 48:  # the picture has 48 units
        at = data.index(b"\xff\xd0", data.index(b"\xff\xda"))
        refused(data[:at] + data[at + 2 :], "make no sense")


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


def test_scans_that_dont_follow_from_each_other_are_refused():
    data = encoded(noisy(), ".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    starts = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xda"]
    refined = [at for at in starts if data[at + 4 + 2 * data[at + 4] + 3] >> 4]
    assert len(refined) > 2
    for at, after in pairwise([*starts, len(data) - 2]):
        assert is_refused(data[:at] + data[after:])
        if at in refined:
            refused(data[:after] + data[at:after] + data[after:], "make no sense")


def test_a_scan_of_a_part_that_the_frame_hasnt_is_refused():
    refused(progressive(scans=[(9, (0, 0, 0))]), "a scan header makes no sense")


def test_a_jpeg_of_12_bits_is_refused_as_what_it_is():
    data = bytearray(encoded(noisy(), ".jpg"))
    data[data.index(b"\xff\xc0") + 4] = 12
    refused(bytes(data), "has 12 bits for each colour, which isn't read; save it with 8")


def test_colours_sampled_as_no_camera_does_are_refused_with_a_remedy():
    data = bytearray(encoded(noisy(), ".jpg"))
    data[data.index(b"\xff\xc0") + 11] = 0x31  # three to one, of the first of three components
    refused(bytes(data), "or of a kind that isn't read; save it anew as PNG")


@pytest.mark.parametrize(
    ("headers", "others"),
    [
        (b"JFIF\0\x01\x01", b"JFIF\0\x07\x02"),  # a revision that nobody knows
        (b"\x11\0\x3f\0", b"\x11\0\x3e\0"),  # a band, of which a plain picture has none
    ],
)
def test_what_libjpeg_can_do_without_does_no_harm(headers, others):
    data = encoded(noisy(), ".jpg")
    assert data.count(headers) == 1
    found = decode_photo(data.replace(headers, others))
    assert np.array_equal(found, decode_photo(data))


def test_damage_behind_an_unknown_revision_is_noticed():
    data = JPEG.replace(b"JFIF\0\x01", b"JFIF\0\x02", 1)
    assert np.array_equal(decode_photo(data), decode_photo(JPEG))
    refused(damaged(data, (SCAN + len(data)) // 2, bytes(512)), "make no sense")


def test_too_little_memory_isnt_taken_for_damage(monkeypatch):
    """As libjpeg says it of a progressive photo, which it keeps whole."""

    def fail(*arguments, **options):
        raise ValueError("Insufficient memory (case 4)")

    monkeypatch.setattr("simplejpeg.decode_jpeg", fail)
    refused(JPEG, "there isn't enough memory to decode it")


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


def test_only_a_whole_exif_segment_turns_a_photo_and_the_first_one_counts():
    jpeg = encoded(noisy(), ".jpg")
    as_stored, turned = decode_photo(jpeg), decode_photo(jpeg_with_exif(jpeg, 6))
    exif = jpeg_with_exif(jpeg, 6)
    other = b"\xff\xe1\x00\x10http://ns.adob"
    assert np.array_equal(decode_photo(jpeg[:2] + other + exif[2:]), turned)
    assert np.array_equal(decode_photo(jpeg_with_exif(jpeg_with_exif(jpeg, 3), 6)), turned)
    for tiff in (b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03", b"MM\0*\0\0\xff\xff", b"II", b""):
        cut = b"\xff\xe1" + (len(tiff) + 8).to_bytes(2, "big") + b"Exif\0\0" + tiff
        assert np.array_equal(decode_photo(jpeg[:2] + cut + jpeg[2:]), as_stored)
    for orientation in (0, 9):
        assert np.array_equal(decode_photo(jpeg_with_exif(jpeg, orientation)), as_stored)


SAMSUNG = b"\0\0\n\x08\x10\0\0\0Image_UTC_Data1609459200000" + b"x" * 900 + b"SEFHk\0\0\0SEFT"
TRAILERS = {
    "nothing": b"",
    "a maker's words": SAMSUNG,
    "a film": b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(range(250)) * 8,
    "short words": b"MAKER 1.0\0" * 90,
    "another JPEG": encoded(noisy(), ".jpg"),
    "zeros": bytes(3000),
    "ones": b"\xff" * 3000,
}


@pytest.mark.parametrize("trailer", TRAILERS.values(), ids=TRAILERS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_picture_without_an_end_marker_is_read_whatever_follows(kind, trailer):
    photo = decode_photo(JPEG)[:400, :500]
    data = encoded(photo, ".jpg", *KINDS[kind])
    assert np.array_equal(decode_photo(data[:-2] + trailer), decode_photo(data))


def test_a_lost_end_of_a_jpeg_is_told_of():
    whole = encoded(decode_photo(JPEG)[:400, :500], ".jpg")
    assert decode(whole[:-2] + SAMSUNG).read_as == (
        "its end is lost or damaged, but its picture is whole",
    )
    assert decode(whole + SAMSUNG).read_as == ()


@pytest.mark.parametrize("lost", [10, 100, 1000, 5000])
@pytest.mark.parametrize("trailer", TRAILERS.values(), ids=TRAILERS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_picture_without_an_end_marker_is_refused_whatever_follows(kind, trailer, lost):
    photo = decode_photo(JPEG)[:400, :500].copy()
    photo[300:] = 0  # a frame as black as a filler
    data = encoded(photo, ".jpg", *KINDS[kind])
    refused(data[: -2 - lost] + trailer, "JPEG file is ")


def test_a_picture_with_something_unknown_after_it_is_refused_with_a_remedy():
    rest = np.random.default_rng(3).integers(128, 255, 900, np.uint8).tobytes()
    refused(JPEG[:-2] + rest, "unknown follows its picture; copy it anew from the camera")
