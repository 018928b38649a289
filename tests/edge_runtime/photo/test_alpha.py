"""What is transparent is black, whatever lies under it."""

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from edge_runtime.photo.decode import decode, decode_photo
from tests.edge_runtime.decoding import refused
from tests.edge_runtime.files import noisy, png, png_chunk

PHOTO = noisy(20, 30)
SEEN = np.zeros((20, 30), bool)
SEEN[4:16, 5:20] = True
ROWS = (b"\x00" + bytes([1, 2, 3, 4, 5, 6])) * 8


def stored(under, suffix, *, alpha=255, **options):
    """Write the photo with a transparent frame, under which lies a grey level."""
    pixels = np.where(SEEN[..., None], PHOTO, np.uint8(under))
    clear = np.dstack([pixels, np.where(SEEN, alpha, 0).astype(np.uint8)])
    file = io.BytesIO()
    Image.fromarray(clear).save(file, suffix, **options)
    return file.getvalue()


@pytest.mark.parametrize("alpha", [255, 128], ids=["opaque", "a veil"])
@pytest.mark.parametrize(
    ("suffix", "options"), [("PNG", {}), ("WEBP", {"lossless": True, "exact": True})]
)
def test_what_lies_under_a_transparent_frame_is_black(suffix, options, alpha):
    for under in (0, 255):
        photo = decode_photo(stored(under, suffix, alpha=alpha, **options))
        assert np.array_equal(photo, PHOTO * SEEN[..., None])


def test_transparent_parts_are_told_of_and_a_veil_isnt():
    assert decode(stored(255, "PNG")).read_as == ("transparent parts are shown black",)
    veil = np.full((8, 8, 4), 200, np.uint8)
    assert decode(cv2.imencode(".png", veil)[1].tobytes()).read_as == ()


def test_the_alpha_of_a_lossy_webp_counts():
    photo = decode_photo(stored(255, "WEBP", quality=90, exact=True))
    assert not photo[~SEEN].any()
    assert photo[SEEN].mean() > 100


@pytest.mark.parametrize("suffix", ["PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_frame_is_turned_with_the_photo(suffix, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True, "exact": True} if suffix == "WEBP" else {}
    white, black = (decode_photo(stored(under, suffix, exif=exif, **options)) for under in (255, 0))
    assert np.array_equal(white, black)
    assert black.shape == ((30, 20, 3) if orientation > 4 else (20, 30, 3))


def test_a_half_transparent_rim_is_half_black():
    clear = np.full((2, 2, 4), 200, np.uint8)
    clear[..., 3] = [[255, 128], [1, 0]]
    photo = decode_photo(cv2.imencode(".png", clear)[1].tobytes())
    assert photo[..., 0].tolist() == [[200, 100], [1, 0]]


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_a_transparent_colour_of_a_palette_is_black(depth):
    rows = (b"\x00" + (b"\x80\x00" * depth)[:depth]) * 4
    palette = png_chunk(b"PLTE", bytes([250, 250, 250]) + bytes([10, 20, 30]) * ((1 << depth) - 1))
    data = png(rows, width=8, height=4, depth=depth, colour=3,
               extra=palette + png_chunk(b"tRNS", b"\x00"))  # fmt: skip
    photo = decode_photo(data)
    clear = (decode_photo(png(rows, width=8, height=4, depth=depth, colour=3, extra=palette))
             == 250).all(axis=2)  # fmt: skip
    assert clear.any()
    assert not photo[clear].any()
    assert (photo[~clear] == [10, 20, 30]).all()


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_a_transparent_level_of_a_grey_png_is_black(depth):
    row = np.array([1, 0] * (4 * depth // min(depth, 8)), np.uint8)
    if depth < 8:
        row = np.packbits(np.array([0] * (depth - 1) + [1] + [0] * depth, np.uint8).tolist() * 8)
    if depth == 16:
        row = np.frombuffer(struct.pack(">4H", 40_000, 30_000, 40_000, 30_000), np.uint8)
    level = {8: 1, 16: 40_000}.get(depth, 1)
    width = {8: 8, 16: 4}.get(depth, 16)
    rows = (b"\x00" + row.tobytes()[: width * depth // 8]) * 4
    plain = decode_photo(png(rows, width=width, height=4, depth=depth, colour=0))
    key = png_chunk(b"tRNS", struct.pack(">H", level))
    keyed = decode_photo(png(rows, width=width, height=4, depth=depth, colour=0, extra=key))
    assert plain[:, ::2].any()
    assert not keyed[:, ::2].any()
    assert np.array_equal(keyed[:, 1::2], plain[:, 1::2])


def test_a_transparent_colour_of_a_png_is_black():
    rows = (b"\x00" + bytes([255, 255, 255, 9, 8, 7])) * 2
    key = png_chunk(b"tRNS", struct.pack(">3H", 255, 255, 255))
    photo = decode_photo(png(rows, width=2, height=2, extra=key))
    assert photo[0].tolist() == [[0, 0, 0], [9, 8, 7]]


def test_transparency_that_isnt_in_its_place_or_of_its_length_is_no_matter():
    plain = decode_photo(png(ROWS, width=2, height=8))
    for where, length in (("late", 6), ("extra", 5)):
        chunk = {where: png_chunk(b"tRNS", bytes(length))}
        assert np.array_equal(decode_photo(png(ROWS, width=2, height=8, **chunk)), plain)


def test_a_photo_of_which_nothing_can_be_seen_is_refused():
    clear = np.dstack([PHOTO, np.zeros((20, 30), np.uint8)])
    refused(cv2.imencode(".png", clear)[1].tobytes(), "is wholly transparent; save it anew without")
