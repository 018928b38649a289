"""A TIFF is one photo whose pixels are all there, or it is refused, at once and with little."""

import struct
import time

import cv2
import numpy as np
import pytest

from edge_runtime.photo import tiff
from edge_runtime.photo.decode import decode_photo
from edge_runtime.photo.unpack import lzw_size, packbits_size
from tests.edge_runtime.decoding import is_refused, refused
from tests.edge_runtime.files import encoded, noisy, tiff_of

LZW, DEFLATE, PACKBITS = 5, 8, 32773
SMOOTH = cv2.GaussianBlur(noisy(120, 160), (0, 0), 2)


def written(photo, compression):
    """Write a TIFF by OpenCV, in several strips."""
    return encoded(photo, ".tiff", cv2.IMWRITE_TIFF_COMPRESSION, compression)


def parts_of(data):
    """Return where the strips are: (offset, count) of each."""
    page = tiff.read_page(bytes(data))
    return list(zip(page.values(273).tolist(), page.values(279).tolist(), strict=True))


@pytest.mark.parametrize("compression", [1, DEFLATE])
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_sound_tiff_is_decoded_and_one_with_several_photos_refused(compression, order):
    photo = noisy(20, 30)
    data = tiff_of([photo], compression=compression, order=order)
    assert np.array_equal(decode_photo(data), photo)
    with_preview = tiff_of([photo, (photo[::4, ::4], 1)], compression=compression, order=order)
    assert np.array_equal(decode_photo(with_preview), photo)
    refused(tiff_of([photo, photo, photo], compression=compression, order=order), "has 3 pages")
    refused(tiff_of([(photo[::4, ::4], 1), photo], order=order), "begin with the full photo")


@pytest.mark.parametrize("compression", [1, LZW, DEFLATE, PACKBITS])
@pytest.mark.parametrize("photo", [noisy(), SMOOTH, np.zeros((300, 400, 3), np.uint8)],
                         ids=["noise", "smooth", "black"])  # fmt: skip
def test_every_compression_is_read_as_written(photo, compression):
    assert np.array_equal(decode_photo(written(photo, compression)), photo)


@pytest.mark.parametrize("share", [0.9, 0.5, 0.01])
def test_a_truncated_tiff_whose_directory_comes_first_is_refused(share):
    data = tiff_of([noisy()])
    refused(data[: int(len(data) * share)], "truncated")


def test_a_tiff_whose_pixels_arent_all_there_is_refused():
    photo = noisy(20, 30)
    refused(tiff_of([photo], tags=[(273, 4, 1, 1 << 30)]), "truncated")
    refused(tiff_of([photo], tags=[(279, 4, 1, 100)]), "pixels are missing")
    refused(tiff_of([photo], tags=[(279, 4, 1, 0)]), "pixels are missing")


@pytest.mark.parametrize("compression", [LZW, DEFLATE, PACKBITS])
@pytest.mark.parametrize("filling", [b"\x00", b"\xff", b"\x80"])
@pytest.mark.parametrize("whole", [True, False], ids=["to the end", "a hole"])
def test_a_compressed_tiff_with_a_part_overwritten_is_refused(compression, filling, whole):
    data = bytearray(written(SMOOTH, compression))
    for offset, count in parts_of(data):
        spoilt = data.copy()
        end = count if whole else 2 * count // 3
        spoilt[offset + count // 3 : offset + end] = filling * (end - count // 3)
        refused(bytes(spoilt), "damaged")


def test_most_single_changed_bytes_of_lzw_are_noticed():
    data = bytearray(written(SMOOTH, LZW))
    (offset, count), *_ = parts_of(data)
    noticed = 0
    for at in range(offset, offset + count, count // 100):
        spoilt = data.copy()
        spoilt[at] ^= 0x5A
        noticed += is_refused(bytes(spoilt))
    # a code that is changed for one of a string of the same length shows nowhere
    assert noticed > 60


def test_a_strip_that_is_padded_to_the_full_number_of_rows_is_sound():
    photo = noisy(20, 30)
    tags = [(257, 4, 1, 10), (278, 4, 1, 20)]  # 10 rows, in a strip for 20
    padded = tiff_of([photo], compression=DEFLATE, tags=tags)
    assert np.array_equal(decode_photo(padded), photo[:10])


def lzw_parts(photo):
    data = written(photo, LZW)
    return [memoryview(data)[offset : offset + count] for offset, count in parts_of(data)]


@pytest.mark.parametrize(
    "photo", [noisy(), SMOOTH, np.zeros((900, 700, 3), np.uint8), noisy(1, 1)],
    ids=["noise", "smooth", "black", "one pixel"],
)  # fmt: skip
def test_the_length_of_lzw_data_is_told_exactly(photo):
    lengths = [lzw_size(part, limit=1 << 40) for part in lzw_parts(photo)]
    assert sum(lengths) == photo.size


def test_lzw_that_clears_its_table_endlessly_is_refused_at_once():
    started = time.thread_time()
    clearing = memoryview(bytes([0b10000000, 0b01000000, 0b00100000]) * 10_000_000)
    with pytest.raises(ValueError, match="make no sense"):
        lzw_size(clearing, limit=1 << 30)
    assert time.thread_time() - started < 5  # its 27 million tables would take an hour


def test_the_length_of_packbits_data_is_told_exactly():
    assert packbits_size(memoryview(b"\x02abc\xfdx\x80"), limit=99) == 7
    assert packbits_size(memoryview(b"\x05abc"), limit=99) == 3
    assert packbits_size(memoryview(b"\xfd"), limit=99) == 0
    assert packbits_size(memoryview(b"\x80" * 10_000_000), limit=99) == 0


def test_a_tiff_whose_pages_run_in_a_circle_is_refused():
    data = bytearray(tiff_of([noisy(20, 30)]))
    struct.pack_into("<I", data, 8 + 2 + 120, 8)
    refused(bytes(data), "circle")


def directory(entries, *, following=0):
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)


def pages(number):
    """Write empty pages, one after the other."""
    head = b"II*\x00" + struct.pack("<I", 8)
    return head + b"".join(
        directory([], following=8 + 6 * (i + 1) if i + 1 < number else 0) for i in range(number)
    )


ONE_ROW_STRIPS = [
    (256, 4, 1, 1), (257, 4, 1, 99_000_000), (258, 3, 1, 8), (259, 3, 1, 8), (273, 4, 1, 8),
    (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, 1, 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"II*\x00" + struct.pack("<I", 8) + directory(ONE_ROW_STRIPS), "where its pixels are"),
        (
            b"II*\x00\x08\0\0\0" + directory([(256 + i, 1, 700_000, 8) for i in range(60_000)]),
            "a page has 60000 tags",
        ),
        (
            b"II*\x00\x08\0\0\0"
            + directory([*ONE_ROW_STRIPS[:4], *[(273, 1, 700_000, 8)] * 900])
            + bytes(700_000),
            "more than 65536 strips or tiles",
        ),
        (
            b"II*\x00\x08\0\0\0" + directory([(258, 1, 700_000, 8)] * 900) + bytes(700_000),
            "no size",
        ),
        (pages(101), "more than 100 pages"),
        (pages(100), "has 100 pages"),
    ],
    ids=["strips", "tags", "values", "the same tag", "pages", "fewer pages"],
)
def test_a_directory_that_asks_for_much_is_refused_at_once(data, sentence):
    started = time.thread_time()
    refused(data, sentence)
    assert time.thread_time() - started < 1  # one of them took 30 s and 1.6 GB


def test_samples_that_are_fewer_than_the_pixels_are_sound():
    """Colours at half the resolution, of a TIFF that isn't compressed."""
    height, width = 16, 16
    units = (height // 2) * (width // 2)
    body = bytes([120, 120, 120, 120, 128, 128]) * units
    at = 8 + 2 + 10 * 12 + 4
    entries = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 6),
        (273, 4, 1, at), (277, 3, 1, 3), (278, 4, 1, height), (279, 4, 1, len(body)),
        (530, 3, 2, 2 | 2 << 16),
    ]  # fmt: skip
    data = b"II*\x00\x08\0\0\0" + directory(entries) + body
    assert (decode_photo(data) == 120).all()


@pytest.mark.parametrize(
    ("compression", "name"),
    [
        (6, "old JPEG"), (9, "JBIG"), (34661, "JBIG"), (34712, "JPEG 2000"), (33005, "JPEG 2000"),
        (34887, "LERC"), (34925, "LZMA"), (34933, "PNG"), (34934, "JPEG XR"), (50000, "Zstandard"),
        (50001, "WebP"), (50002, "JPEG XL"), (32909, "Pixar log"), (4711, "number 4711"),
    ],
)  # fmt: skip
def test_a_compression_that_isnt_read_is_named(compression, name):
    """OpenCV shows some of them as black pixels."""
    data = tiff_of([noisy(20, 30)], tags=[(259, 3, 1, compression)])
    refused(data, f"has the compression {name}, which isn't read; save it anew as PNG or as TIFF")
