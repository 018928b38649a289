"""What was read of a DICOM file before says the same as the file, damaged and cut off too."""

import numpy as np
import pytest

from edge_runtime.hospital.look import Numbered, numbered_in
from edge_runtime.hospital.read import read_dicom
from tests.edge_runtime.files import noisy
from tests.edge_runtime.hospital.objects import CT, item, make, save

PHOTO = noisy(40, 49)


@pytest.fixture
def several(tmp_path):
    """A file of two photographs, whose groups are a sequence that doesn't say its length."""
    groups = [item(FrameAnatomySequence=[item(FrameLaterality=each)]) for each in "RL"]
    data = make([PHOTO, PHOTO[::-1].copy()], PerFrameFunctionalGroupsSequence=groups)
    data["PerFrameFunctionalGroupsSequence"].is_undefined_length = True
    return save(data, tmp_path / "a.dcm")


def test_content_is_read_as_its_file_photograph_by_photograph(several):
    content = several.read_bytes()
    assert numbered_in(content) == Numbered(2)
    for name in ("a.dcm#1", "a.dcm#2", "a.dcm#3", "a.dcm"):
        there = read_dicom(several.with_name(name))
        here = read_dicom(several.with_name(name), data=content)
        assert (here.facts, here.error) == (there.facts, there.error)
        if there.decoded is not None:
            assert np.array_equal(here.decoded.pixels, there.decoded.pixels)


def test_at_every_cut_content_ends_in_the_same_sentence_as_its_file(several):
    content, said = several.read_bytes(), set()
    name = several.with_name("a.dcm#1")
    for cut in range(132, len(content) - 2 * PHOTO.nbytes):
        several.write_bytes(content[:cut])
        error = read_dicom(name).error
        assert read_dicom(name, data=content[:cut]).error == error
        assert numbered_in(content[:cut]).other == ""
        said.add(error)
    assert any("no tag to read" in each for each in said)


def test_a_begin_tells_what_it_can_and_no_more(several, tmp_path):
    content = several.read_bytes()
    assert numbered_in(content[: -PHOTO.nbytes], is_whole=False) is None
    one = save(make(PHOTO), tmp_path / "one.dcm").read_bytes()
    pixels = one.rindex(b"\xe0\x7f\x10\x00")
    for cut in range(132, pixels + 100):
        told = numbered_in(one[:cut], is_whole=False)
        assert told == (Numbered() if cut >= pixels + 12 else None), cut
    other = save(make(PHOTO[..., 0], sop_class=CT), tmp_path / "ct.dcm").read_bytes()
    assert numbered_in(other[:400], is_whole=False) == Numbered(0, "CT Image")
    assert numbered_in(other) == Numbered(0, "CT Image")
