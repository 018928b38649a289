"""The files of overlays: JPEGs whose colours stay what the legend says that they are."""

import numpy as np
import pytest
from simplejpeg import decode_jpeg, encode_jpeg

from edge_runtime.explain.overlay import colour_heat
from edge_runtime.photo.decode import decode_photo
from edge_runtime.results.overlays import is_ours, is_whole, jpeg, marked, whole


def test_an_overlay_keeps_the_colours_of_its_scale():
    ramp = np.linspace(0, 1, 128)  # as fine as a legend's, and as sharp at its edges
    scale = np.full((60, 160, 3), 24, np.uint8)
    scale[24:35, 16:144] = colour_heat(np.tile(ramp, (11, 1)))
    lost = np.abs(decode_photo(jpeg(scale)).astype(int) - scale)[24:35, 16:144]
    assert lost.max() < 25  # of 255; 12 here, and 88 with the colours at half the resolution


@pytest.mark.parametrize("cut", [0, 1, 100])
def test_an_overlay_is_whole_only_to_its_last_byte(tmp_path, cut):
    data = jpeg(np.zeros((20, 30, 3), np.uint8))
    (tmp_path / "x.jpg").write_bytes(data[: len(data) - cut])
    assert is_whole(tmp_path / "x.jpg") == (cut == 0)
    (tmp_path / "x.jpg").write_bytes(data + b"\0" * cut)  # as some disks leave it without power
    assert is_whole(tmp_path / "x.jpg") == (cut == 0)


def test_a_byte_that_was_spoilt_anywhere_is_found_though_it_decodes(tmp_path):
    drawn = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    data, file = jpeg(drawn), tmp_path / "x.jpg"
    decoded = 0
    for at in range(0, len(data), 7):
        spoilt = bytearray(data)
        spoilt[at] ^= 0x10
        file.write_bytes(spoilt)
        assert whole(file) is None, at
        try:
            decode_jpeg(bytes(spoilt), strict=True)
            decoded += 1
        except ValueError:
            pass
    assert decoded > 100  # what libjpeg takes without a word
    file.write_bytes(data)
    assert whole(file) == data


def test_an_overlay_of_an_older_version_is_whole_if_it_decodes(tmp_path):
    data, file = encode_jpeg(np.zeros((64, 64, 3), np.uint8)), tmp_path / "x.jpg"
    file.write_bytes(data)
    assert whole(file) == data != marked(data)
    for damage in (data[:-40] + data[-2:], b"\xff\xd8\xff\xd9", b"\xff\xd9", b""):
        file.write_bytes(damage)
        assert whole(file) is None


@pytest.mark.parametrize(
    ("file", "ours"),
    [
        ("overlays/0001-eye.jpg", True),
        ("overlays/12345-\u0153il_x-glaucoma.jpg", True),
        ("overlays/0001-eye annotated.jpg", False),
        ("overlays/0001-eye.png", False),
        ("overlays/0001-../eye.jpg", False),
        ("../0001-eye.jpg", False),
    ],
)
def test_our_own_files_are_told_from_a_persons(file, ours):
    assert is_ours(file) == ours
