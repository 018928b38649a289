"""The files of overlays: JPEGs whose colours stay what the legend says that they are."""

import numpy as np
import pytest

from edge_runtime.explain.overlay import colour_heat
from edge_runtime.photo.decode import decode_photo
from edge_runtime.results.overlays import is_ours, is_whole, jpeg


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
