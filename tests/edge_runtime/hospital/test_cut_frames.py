"""Of a file of several photographs that breaks off those are read that lie whole in it."""

import numpy as np
import pytest
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import JPEG2000Lossless, RLELossless

from edge_runtime.hospital.find import DicomFinder
from edge_runtime.hospital.look import held_in
from edge_runtime.hospital.read import read_dicom
from tests.edge_runtime.files import noisy
from tests.edge_runtime.hospital.objects import jpeg_of, jpegs, lines, make, save

COUNT = 4
PHOTOS = [noisy(40, 48 + 8 * number)[:, :48] // (number + 1) for number in range(COUNT)]


def several(kind):
    """Make a file of four frames, with a table of offsets or without, of one piece each or two."""
    if kind == "native":
        return make(PHOTOS)
    if kind in ("rle", "jpeg 2000"):
        made = make(PHOTOS)
        made.compress(RLELossless if kind == "rle" else JPEG2000Lossless)
        frames = list(generate_frames(made.PixelData, number_of_frames=COUNT))
        made.PixelData = encapsulate(frames, has_bot=False)
        return made
    made = jpegs(make(PHOTOS, photometric="YBR_FULL_422"), *map(jpeg_of, PHOTOS))
    pieces = 2 if "two" in kind else 1
    made.PixelData = encapsulate(
        [jpeg_of(each) for each in PHOTOS], fragments_per_frame=pieces, has_bot="table" in kind
    )
    return made


KINDS = ["native", "rle", "jpeg 2000", "table", "none", "two, table", "two, none"]


@pytest.mark.parametrize("kind", KINDS)
def test_at_every_cut_those_are_read_that_are_whole_and_the_next_says_that_it_breaks_off(
    tmp_path, kind
):
    path = save(several(kind), tmp_path / "a.dcm")
    data = path.read_bytes()
    whole = [read_dicom(tmp_path / f"a.dcm#{n}").decoded.pixels for n in range(1, COUNT + 1)]
    assert held_in(path).is_whole
    begins = data.rindex(b"\xe0\x7f\x10\x00")
    before, seen = -1, set()
    for cut in [*range(begins + 12, len(data) - 1, 97), len(data) - 9, len(data) - 1]:
        path.write_bytes(data[:cut])
        held, names = held_in(path), DicomFinder().in_named(path)
        assert not held.is_whole
        found = [read_dicom(name) for name in names]
        count = sum(each.decoded is not None for each in found)
        assert all(
            np.array_equal(each.decoded.pixels, pixels)
            for each, pixels in zip(found[:count], whole, strict=False)
        )
        assert len(names) == held.photos == min(count + 1, COUNT)
        assert all("truncated" in each.error for each in found[count:]), found[count:]
        assert count >= before
        before = count
        seen.add(count)
    assert seen >= set(range(COUNT))


def test_predict_reads_the_whole_photos_of_a_cut_file_with_a_table(predict, tmp_path):
    path = save(several("table"), tmp_path / "a.dcm")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - 200])
    found = lines(predict(path, "--json"))
    assert [each["status"] for each in found] == ["ungradable"] * 3 + ["error"]
