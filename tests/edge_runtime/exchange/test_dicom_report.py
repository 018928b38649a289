"""``dicom report`` makes objects that others take, which say what the results say and no more."""

import os
import shutil
import subprocess
import sys
from collections import Counter

import highdicom
import pydicom
import pytest

from edge_runtime.contract import DISCLAIMER
from edge_runtime.exchange.read_results import read_results
from edge_runtime.exchange.state import statements_of
from tests.edge_runtime.exchange.conftest import SERIES, STUDY, objects, photos_of, run
from tests.edge_runtime.exchange.read_report import read_report

OP8, SC, SR, PDF = (
    "1.2.840.10008.5.1.4.1.1.77.1.5.1", "1.2.840.10008.5.1.4.1.1.7",
    "1.2.840.10008.5.1.4.1.1.88.33", "1.2.840.10008.5.1.4.1.1.104.1",
)  # fmt: skip

JUDGE, DUMP = shutil.which("dciodvfy"), shutil.which("dsrdump")

pytestmark = pytest.mark.slow  # they run the package's model


def needs(program, package, variable):
    return pytest.mark.skipif(
        shutil.which(program) is None and os.environ.get(variable) != "required",
        reason=f"{program} isn't installed (apt install {package})",
    )


def of(results, name):
    """Give what is said of the person whose files are called so, and their results."""
    (found,) = (each for each in read_results(results / "out") if each.file == name)
    return statements_of(found.report, found.facts), found


def test_each_person_has_a_report_and_what_it_refers_to(reports):
    made = {
        folder.name: Counter(pydicom.dcmread(file).SOPClassUID for file in folder.iterdir())
        for folder in reports.iterdir()
    }
    (odd,) = (name for name in made if "Doe" in name)
    assert made == {
        "Ñandú-7": {SR: 1, PDF: 1, SC: 12},  # its photos are in the archive already
        "Q7": {SR: 1, PDF: 1, SC: 4},  # the other photo of the file is too dark
        "J2": {SR: 1, PDF: 1, SC: 9, OP8: 1},  # one JPEG doesn't tell when it was taken
        "E9": {SR: 1, PDF: 1},
        "D3": {SR: 1, PDF: 1, SC: 1},
        "scan": {SR: 1, PDF: 1, SC: 5},
        odd: {SR: 1, PDF: 1, SC: 5},
    }


@needs("dciodvfy", "dicom3tools", "FUNDUS_EDGE_DCIODVFY")
def test_the_judge_of_others_finds_no_error_in_any_object(reports):
    judged = 0
    for file in objects(reports):
        ran = subprocess.run(
            [JUDGE or "dciodvfy", file], check=False, capture_output=True, text=True
        )
        lines = (ran.stdout + ran.stderr).splitlines()
        assert [line for line in lines if line.startswith("Error")] == [], file
        judged += 1
    assert judged > 40


@needs("dsrdump", "dcmtk", "FUNDUS_EDGE_DCMTK")
def test_another_program_reads_every_report(reports):
    for file in reports.glob("*/report.dcm"):
        ran = subprocess.run(
            [DUMP or "dsrdump", "+Pl", "-Ei", file], check=False, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stderr
        assert not [line for line in ran.stderr.splitlines() if line.startswith("E:")]
        assert DISCLAIMER in ran.stdout
        assert "Imaging Measurement Report" in ran.stdout


def test_another_library_finds_a_group_for_each_photo_with_its_eye_and_image(reports):
    report = highdicom.sr.srread(reports / "Ñandú-7" / "report.dcm")
    groups = report.content.get_image_measurement_groups()
    found = {}
    for group in groups:
        (site,) = group.finding_sites
        side = site.laterality.meaning if site.laterality else None
        (image,) = group.source_images
        found[image.referenced_sop_instance_uid] = side
        assert group.tracking_uid.startswith("2.25.")
        assert {each.unit.value for each in group.get_measurements()} == {"1"}
    assert found == {f"{SERIES}.1": "Right", f"{SERIES}.2": "Left", f"{SERIES}.3": None}


def within(data, meaning):
    """Find the first item below one that is of this."""
    return next(each for each in data.ContentSequence
                if each.ConceptNameCodeSequence[0].CodeMeaning == meaning)  # fmt: skip


def test_a_viewer_finds_the_photos_in_the_image_library(reports):
    for folder in reports.iterdir():
        sources = [each.source for each in read_report(folder / "report.dcm").photos if each.source]
        data = pydicom.dcmread(folder / "report.dcm")
        if not sources:
            with pytest.raises(StopIteration):
                within(data, "Image Library")
            continue
        group = within(within(data, "Image Library"), "Image Library Group")
        there = []
        for item in group.ContentSequence:
            (each,) = item.ReferencedSOPSequence
            frame = each.get("ReferencedFrameNumber")
            there.append((each.ReferencedSOPClassUID, each.ReferencedSOPInstanceUID, frame))
        assert there == [(each.sop_class_uid, each.sop_instance_uid, each.frame)
                         for each in sources]  # fmt: skip


def test_a_viewer_finds_something_in_each_number(reports):
    found = Counter()
    for file in reports.glob("*/report.dcm"):
        for group in within(pydicom.dcmread(file), "Imaging Measurements").ContentSequence:
            kinds = {each.ValueType for each in group.ContentSequence}
            source = within(group, "Source of Measurement") if "IMAGE" in kinds else None
            for each in group.ContentSequence:
                if each.ValueType == "NUM":
                    first = each.ContentSequence[0]
                    found[first.RelationshipType] += 1
                    if first.ValueType == "IMAGE":
                        assert first.ReferencedSOPSequence == source.ReferencedSOPSequence
    assert set(found) == {"INFERRED FROM", "HAS CONCEPT MOD"}


@pytest.mark.parametrize("name", ["Ñandú-7", "Q7", "J2", "E9", "D3", "scan"])
def test_what_is_read_back_is_what_was_said(hospital, reports, name):
    said, results = of(hospital, name)
    read = read_report(reports / name / "report.dcm")
    assert read.general == said.general
    assert [each.statements for each in read.photos] == [each.statements for each in said.photos]
    assert [each.eye for each in read.photos] == [each.eye for each in said.photos]
    assert [each.laterality for each in read.photos] == [
        eye.laterality for eye in said.eyes for _ in eye.photos
    ]
    for each, photo in zip(read.photos, said.photos, strict=True):
        if photo.image:
            assert each.source == photo.image
        if each.source:
            assert [of for of, _ in each.overlays] == [one.of for one in photo.overlays]
    numbers = [value.value.value for photo in read.photos for value in photo.statements
               if value.concept.value == "probability"]  # fmt: skip
    in_json = [found.probability for eye in results.report.eyes for photo in eye.photos
               for found in photo.findings]  # fmt: skip
    assert sorted(numbers) == sorted(in_json)


def test_every_reference_leads_to_an_object_of_its_class_series_and_study(hospital, reports):
    there = {}
    for data in [*objects(reports).values(), *map(pydicom.dcmread, photos_of(hospital))]:
        there[data.SOPInstanceUID] = (
            data.SOPClassUID, data.SeriesInstanceUID, data.StudyInstanceUID
        )  # fmt: skip
    checked = 0
    for file in reports.glob("*/report.dcm"):
        for photo in read_report(file).photos:
            for image in [photo.source, *(each for _, each in photo.overlays)]:
                if image is not None:
                    place = (image.sop_class_uid, image.series_uid, image.study_uid)
                    assert there[image.sop_instance_uid] == place
                    checked += 1
    assert checked > 35


def test_the_report_is_in_the_patients_study_as_a_series_of_its_own(reports):
    data = pydicom.dcmread(reports / "Ñandú-7" / "report.dcm")
    assert data.StudyInstanceUID == STUDY
    assert data.SeriesInstanceUID != SERIES
    assert (data.PatientID, data.IssuerOfPatientID) == ("Ñandú-7", "H")
    assert (str(data.PatientName), data.PatientBirthDate) == ("Müller^Änne", "19500102")
    assert (data.AccessionNumber, data.StudyDate, data.PatientSex) == ("A-1", "20240131", "F")
    assert (data.VerificationFlag, data.PreliminaryFlag) == ("UNVERIFIED", "PRELIMINARY")
    (frame,) = (
        photo.source.frame
        for photo in read_report(reports / "Q7" / "report.dcm").photos
        if photo.overlays
    )
    assert frame == 1


def test_an_overlay_says_its_class_its_photo_and_what_it_is_for(reports):
    read = read_report(reports / "Ñandú-7" / "report.dcm")
    by_uid = {data.SOPInstanceUID: data for data in objects(reports / "Ñandú-7").values()}
    for photo in read.photos:
        for of_class, image in photo.overlays:
            data = by_uid[image.sop_instance_uid]
            assert of_class.meaning in data.DerivationDescription
            assert DISCLAIMER in data.DerivationDescription
            assert data.ImageType[2] == "GRADCAM_OVERLAY"
            (source,) = data.SourceImageSequence
            assert source.ReferencedSOPInstanceUID == photo.source.sop_instance_uid
            word = {"right": "R", "left": "L", None: None}[photo.eye]
            assert data.get("ImageLaterality") == word


def test_a_photo_of_which_eye_or_time_isnt_known_is_a_capture_without_it(reports):
    (taken,) = (data for data in objects(reports / "J2").values() if data.SOPClassUID == OP8)
    assert (taken.ImageLaterality, taken.AcquisitionDateTime) == ("R", "20230506070809")
    (untimed,) = map(pydicom.dcmread, (reports / "D3").glob("photo-*.dcm"))
    assert (untimed.SOPClassUID, untimed.ImageLaterality) == (SC, "L")
    assert "AcquisitionDateTime" not in untimed
    data = pydicom.dcmread(next((reports / "scan").glob("photo-*.dcm")))
    assert data.SOPClassUID == SC
    assert "ImageLaterality" not in data
    assert not data.PatientID
    assert not data.StudyDate


def test_the_same_results_give_the_same_files(hospital, reports, tmp_path):
    run("dicom", "report", hospital / "out", "--out", tmp_path / "again")
    for file in reports.rglob("*.dcm"):
        again = tmp_path / "again" / file.relative_to(reports)
        assert again.read_bytes() == file.read_bytes()
        assert oct(again.stat().st_mode)[-3:] == "600"
    uids = [(data.SOPInstanceUID, bytes(data.PixelData) if "PixelData" in data else b"")
            for data in objects(reports).values()]  # fmt: skip
    assert len({uid for uid, _ in uids}) == len(uids)


def test_overlays_and_reports_are_no_photos_for_predict(reports, tmp_path):
    told = run("predict", reports / "Ñandú-7", "--out", tmp_path / "o")
    assert told.exit_code == 1
    assert "12 Grad-CAM overlay of fundus-edge" in told.stderr
    assert "1 Comprehensive SR" in told.stderr
    assert "1 Encapsulated PDF" in told.stderr
    overlay = next((reports / "Ñandú-7").glob("overlay-*"))
    told = run("predict", overlay)
    assert "is no photograph but a Grad-CAM overlay" in told.stderr


def test_what_reads_jpegs_alone_loads_no_dicom():
    code = "import edge_runtime.exchange.dicom_report, sys; print('pydicom' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout == "False\n"
