"""A photo that uses fewer than its 16 bits is as bright as it was taken."""

import struct

import cv2
import numpy as np
import pytest

from edge_runtime.photo.decode import decode, decode_photo
from tests.conftest import EXAMPLE_PHOTO
from tests.edge_runtime.files import noisy, png_chunk

PHOTO = decode_photo(EXAMPLE_PHOTO.read_bytes())[::8, ::8].copy()
FINE = noisy(*PHOTO.shape[:2]).astype(np.uint16)  # what lies between the levels of 8 bits


def deep(bits):
    """Write the photo in the lower bits of 16, with detail in all of them."""
    return (PHOTO.astype(np.uint16) << bits - 8) + (FINE >> 16 - bits)


def stored(pixels, suffix):
    order = pixels[..., ::-1] if pixels.ndim == 3 else pixels
    return cv2.imencode(suffix, np.ascontiguousarray(order))[1].tobytes()


def with_sbit(data, bits):
    return data[:33] + png_chunk(b"sBIT", bytes([bits] * 3)) + data[33:]


def tiff_with(data, tag, value):
    """Add a tag to a TIFF, in a directory of its own at the end."""
    at = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, at)[0]
    entries = [data[at + 2 + 12 * i :][:12] for i in range(count)]
    entries.append(struct.pack("<HHIHH", tag, 3, 1, value, 0))
    entries.sort(key=lambda entry: struct.unpack("<H", entry[:2]))
    directory = struct.pack("<H", count + 1) + b"".join(entries) + bytes(4)
    data += bytes(len(data) % 2)
    return data[:4] + struct.pack("<I", len(data)) + data[8:] + directory


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("bits", range(8, 15))
def test_the_bits_in_use_are_scaled(suffix, bits):
    assert np.array_equal(decode_photo(stored(deep(bits), suffix)), PHOTO)
    assert np.array_equal(
        decode_photo(stored(deep(bits)[..., 0], suffix)), np.repeat(PHOTO[..., :1], 3, 2)
    )


@pytest.mark.parametrize("bits", range(8, 15))
def test_levels_of_8_bits_in_more_are_scaled_too(bits):
    assert np.array_equal(decode_photo(stored(PHOTO.astype(np.uint16) << bits - 8, ".png")), PHOTO)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("exposure", [1.0, 0.5, 0.26, 0.12, 0.1])
def test_an_honest_photo_stays_as_dark_as_it_is(suffix, exposure):
    dark = (PHOTO.astype(float) * 257 * exposure).astype(np.uint16)
    # rounded or cut to 8 bits, as the decoder likes
    assert np.abs(decode_photo(stored(dark, suffix)) - dark / 256).max() <= 1


@pytest.mark.parametrize("step", [256, 257])
def test_a_dark_photo_of_8_bits_stays_dark_in_16(step):
    dark = (PHOTO // 5).astype(np.uint16)
    assert 1 << 13 <= dark.max() * step < 1 << 14
    assert np.array_equal(decode_photo(stored(dark * np.uint16(step), ".png")), dark)


@pytest.mark.parametrize("told", [None, 12])
@pytest.mark.parametrize("stops", [2, 3, 5])
def test_a_dark_photo_of_12_bits_stays_dark_where_they_were_scaled_up(stops, told):
    dark = deep(12) >> stops << 4
    data = stored(dark, ".png")
    seen = decode(with_sbit(data, told) if told else data)
    assert np.abs(seen.pixels - dark / 256).max() <= 1
    assert not seen.read_as


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("bits", [9, 12, 13])
def test_a_hot_pixel_above_the_bits_in_use_doesnt_count(bits, suffix):
    hot = deep(bits)
    hot[20, 20] = 33_000
    expected = PHOTO.copy()
    expected[20, 20] = 255
    assert np.array_equal(decode_photo(stored(hot, suffix)), expected)


@pytest.mark.parametrize("told", [None, 12])
def test_a_highlight_above_them_does(told):
    bright = deep(12)
    bright[20:24, 20:24] = 65535
    data = stored(bright, ".png")
    assert decode_photo(with_sbit(data, told) if told else data)[:20].max() < 17


def read_as(pixels, suffix=".png"):
    return decode(stored(pixels, suffix)).read_as


def test_how_the_bits_were_told_is_said():
    assert read_as(deep(12)) == (
        "brightened: its values look like 12 of 16 bits; a photo that was taken much too dark can "
        "look the same",
    )
    told = decode(with_sbit(stored(deep(12), ".png"), 12)).read_as
    assert told == ("brightened: its file says that 12 of its 16 bits are in use",)
    assert read_as(deep(16)) == read_as((PHOTO // 5).astype(np.uint16) * np.uint16(257)) == ()
    assert decode(stored(PHOTO, ".png")).read_as == ()


@pytest.mark.parametrize("bits", [15, 13])
def test_where_they_cant_be_told_a_photo_stays_as_it_is_and_that_is_said(bits):
    dim = (deep(bits) // 3 * 2).astype(np.uint16)
    dim += FINE & 1
    seen = decode(stored(dim, ".tiff"))
    assert np.abs(seen.pixels - dim / 256).max() <= 1
    assert seen.read_as[0].startswith("not brightened, though it may use fewer than its 16 bits")


def test_what_a_png_says_of_its_bits_counts():
    dim = deep(12) // 3  # too dark for its largest value to tell
    assert dim.max() < 1 << 11
    assert decode_photo(stored(dim, ".png")).max() < 8
    for bits in (12, 15):
        told = decode_photo(with_sbit(stored(dim, ".png"), bits))
        assert np.array_equal(told, dim >> bits - 8)
    assert np.array_equal(decode_photo(with_sbit(stored(deep(12), ".png"), 16)), deep(12) >> 8)


def test_what_a_tiff_says_of_its_largest_value_counts():
    dim = deep(12) // 3
    assert np.array_equal(decode_photo(tiff_with(stored(dim, ".tiff"), 281, 4095)), dim >> 4)
    honest = decode_photo(tiff_with(stored(deep(12), ".tiff"), 281, 65535))
    assert np.array_equal(honest, decode_photo(stored(deep(12) * np.uint16(1), ".tiff"))) is False
    assert honest.max() < 17


def test_a_turned_tiff_of_12_bits_is_upright():
    turned = tiff_with(stored(deep(12), ".tiff"), 274, 6)
    assert np.array_equal(decode_photo(turned), np.rot90(PHOTO, -1))
