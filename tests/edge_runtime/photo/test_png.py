"""A PNG is checked as a whole before it is decoded."""

import time
import zlib

import cv2
import numpy as np
import pytest

from edge_runtime.errors import PhotoUnreadableError
from edge_runtime.photo.decode import decode, decode_photo
from edge_runtime.photo.png import check
from tests.edge_runtime.decoding import refused
from tests.edge_runtime.files import encoded, noisy, png, png_chunk

ROWS = b"".join(b"\x00" + bytes(range(30)) for _ in range(8))
PALETTE = png_chunk(b"PLTE", bytes(range(90)))


def test_every_wrong_byte_of_a_png_is_noticed():
    data = encoded(noisy(12, 9), ".png")
    for at in range(8, len(data)):
        changed = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
        with pytest.raises(PhotoUnreadableError):
            decode(changed)


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
        (png(ROWS, width=10, height=8, extra=png_chunk(b"ABCD", b"x")), "it has a chunk ABCD"),
        (png(ROWS, width=30, height=8, colour=3, extra=PALETTE * 2), "palette isn't in its place"),
        (png(ROWS, width=30, height=8, colour=3, late=PALETTE), "palette isn't in its place"),
        (png(bytes(126), width=1_000_001, height=1, depth=1, colour=0), "in a row or column"),
        (png(bytes(126), width=1, height=1_000_001, depth=1, colour=0), "in a row or column"),
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


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_a_palette_becomes_rgb(depth):
    row = b"\x00" + bytes(16 * depth // 8)
    extra = png_chunk(b"PLTE", bytes([10, 20, 30]) * (1 << depth))
    photo = decode_photo(png(row * 4, width=16, height=4, depth=depth, colour=3, extra=extra))
    assert (photo == [10, 20, 30]).all()


def test_an_interlaced_png_is_checked_pass_by_pass():
    sizes = [(1, 2), (1, 1), (1, 3), (2, 2), (2, 5), (4, 4), (4, 9)]  # rows, columns of 9 x 8
    rows = b"".join((b"\x00" + bytes([77]) * columns) * rows for rows, columns in sizes)
    data = png(rows, width=9, height=8, colour=0, interlace=1)
    assert (decode_photo(data) == 77).all()
    refused(png(rows[:-10], width=9, height=8, colour=0, interlace=1), "rows are missing")


def test_a_16_bit_png_keeps_its_upper_bits():
    grey = noisy()[..., 0]
    data = cv2.imencode(".png", grey.astype(np.uint16) * 257)[1].tobytes()
    # one grey level: 16 bits are cut or rounded to 8
    assert np.abs(decode_photo(data).astype(int) - grey[..., None]).max() <= 1


def test_pixels_in_chunks_of_one_byte_and_none_are_read():
    data = png(ROWS, width=10, height=8)
    pixels = zlib.compress(ROWS)
    chunks = b"".join(
        png_chunk(b"IDAT", b"") + png_chunk(b"IDAT", pixels[i : i + 1]) for i in range(len(pixels))
    )
    split = data[:33] + chunks + png_chunk(b"IEND", b"")
    assert np.array_equal(decode_photo(split), decode_photo(data))


def test_a_png_of_endless_chunks_is_refused_at_once():
    chunks = png_chunk(b"IDAT", b"") * 2_000_000
    started = time.thread_time()
    refused(png(ROWS, width=10, height=8, extra=chunks), "more than 131072 chunks")
    assert time.thread_time() - started < 2  # all of them took 6 s, and 300 MB


def test_what_isnt_needed_is_left_out_and_a_file_without_it_isnt_copied():
    plain = png(ROWS, width=10, height=8)
    assert check(plain) is plain
    text = png_chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000)))
    suggested = png_chunk(b"PLTE", bytes(3))
    assert check(png(ROWS, width=10, height=8, extra=text + suggested, late=text)) == plain


def test_the_first_orientation_turns_a_png_and_one_that_makes_no_sense_doesnt():
    turned = b"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06" + bytes(6)
    plain = png(ROWS, width=10, height=8)
    photo = decode_photo(plain)
    for extra, expected in (
        (png_chunk(b"eXIf", turned), np.rot90(photo, -1)),
        (png_chunk(b"eXIf", turned) * 2, np.rot90(photo, -1)),
        (png_chunk(b"eXIf", b"nonsense") + png_chunk(b"eXIf", turned), photo),
    ):
        seen = decode_photo(png(ROWS, width=10, height=8, extra=extra))
        assert np.array_equal(seen, expected)
