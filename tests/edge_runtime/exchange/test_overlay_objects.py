"""What an overlay's object says of its picture, beside its class."""

import io

import pydicom
import pytest

from edge_runtime.exchange.capture import Overlay, capture_overlay
from edge_runtime.exchange.codes import class_code
from edge_runtime.exchange.new_object import plain_words
from edge_runtime.exchange.statements import ImageReference
from tests.edge_runtime.exchange.conftest import RETINA, SERIES, run


def annotated(folder):
    """Give what each overlay and each photo in a folder says of text in it, by the photo."""
    found = {}
    for file in sorted(folder.glob("*-[0-9]*.dcm")):
        kind, number, *_ = file.stem.split("-")
        found.setdefault((kind, number), set()).add(pydicom.dcmread(file).BurnedInAnnotation)
    return found


def instance(number, place):
    source = ImageReference("1.2", "1.2.3", "1.2.4", "1.2.5")
    made = Overlay(
        RETINA.read_bytes(), class_code("glaucoma"), source, number, place, None, is_annotated=True
    )
    words = plain_words({"StudyInstanceUID": "1.2.5", "PatientID": "P1"})
    _, data = capture_overlay(made, words, disclaimer="For study only.", version="1")
    return pydicom.dcmread(io.BytesIO(data)).InstanceNumber


def test_no_two_overlays_of_a_series_have_one_number():
    made = [instance(number, place) for number in (1, 2) for place in (1, 2)]
    assert len(set(made)) == 4
    assert made == sorted(made)


@pytest.mark.slow
@pytest.mark.parametrize(("says", "then"), [("NO", "NO"), ("YES", "YES"), (None, "YES")])
def test_an_overlay_is_free_of_text_only_where_the_file_said_it_of_the_photo(
    hospital, tmp_path, says, then
):
    photo = hospital / "photos" / "IM1"
    kept = photo.read_bytes()
    data = pydicom.dcmread(photo)
    assert data.SOPInstanceUID == f"{SERIES}.1"
    data.BurnedInAnnotation = says
    try:
        data.save_as(photo)
        told = run("dicom", "report", hospital / "out", "--out", tmp_path / "o")
    finally:
        photo.write_bytes(kept)
    assert told.exit_code == 0, told.output
    found, number = set(), None
    for file in (tmp_path / "o" / "Ñandú-7").glob("overlay-*.dcm"):
        made = pydicom.dcmread(file)
        if made.SourceImageSequence[0].ReferencedSOPInstanceUID == data.SOPInstanceUID:
            found.add(made.BurnedInAnnotation)
            number = made.InstanceNumber
        else:
            assert made.BurnedInAnnotation == "YES"  # the others' files don't say
    assert found == {then}
    assert number


@pytest.mark.slow
@pytest.mark.parametrize(("given", "then"), [((), "NO"), (("--annotated",), "YES")])
def test_an_overlay_says_of_text_what_its_jpeg_says(hospital, tmp_path, given, then):
    told = run("dicom", "report", hospital / "out", "--out", tmp_path / "o", *given)
    assert told.exit_code == 0, told.output
    found = annotated(tmp_path / "o" / "J2")
    assert len(found) == 4
    assert set(map(tuple, found.values())) == {(then,)}


@pytest.mark.slow
def test_the_overlays_of_a_person_have_numbers_of_their_own(reports):
    for folder in reports.iterdir():
        made = [pydicom.dcmread(file).InstanceNumber for file in folder.glob("overlay-*.dcm")]
        assert len(set(made)) == len(made)
