"""Reports without names say so, lead to the de-identified photographs, and to one person each."""

import json

import pytest
from click.testing import CliRunner
from pydicom import dcmread

from edge_runtime.commands.main import main
from tests.edge_runtime.exchange.deidentify.test_profile import COMPLETE
from tests.edge_runtime.hospital.objects import make, save
from tests.edge_runtime.hospital.test_wrap import judged


@pytest.fixture
def known(tmp_path):
    """The file of pseudonyms that ``deidentify`` uses too."""
    return ["--pseudonyms", tmp_path / "secret" / "pseudonyms.json"]


@pytest.fixture
def study(eye, jpeg, tmp_path):
    """A folder of a person's photographs in DICOM, and of a JPEG of another and of nobody."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, side in enumerate("RL"):
        told = {**COMPLETE, "SOPInstanceUID": f"1.2.3.9.{number}", "ImageLaterality": side}
        save(make(eye, **told), folder / f"IM{number}.dcm")
    (folder / "Ana_OD.jpg").write_bytes(jpeg)
    (folder / "scan.jpg").write_bytes(jpeg)
    return folder


def run(*arguments):
    result = CliRunner().invoke(main, [*map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result


def read(folder):
    return [dcmread(each) for each in sorted(folder.rglob("*.dcm"))]


def referred(report):
    """List the UIDs of what a report refers to, but for overlays."""
    found = report.get("CurrentRequestedProcedureEvidenceSequence", [])
    return {
        (each.StudyInstanceUID, series.SeriesInstanceUID, one.ReferencedSOPInstanceUID)
        for each in found
        for series in each.ReferencedSeriesSequence
        for one in series.ReferencedSOPSequence
        if one.ReferencedSOPClassUID.startswith("1.2.840.10008.5.1.4.1.1.77")
    }


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("then", [True, False])
def test_a_report_refers_to_the_photographs_that_were_de_identified(
    predict, deidentify, study, known, tmp_path, first, then
):
    if not (first or then):
        pytest.skip("this one has names")
    predict(study, "--out", tmp_path / "in", *(["--deidentify", *known] * first))
    made = run("dicom", "report", tmp_path / "in", "--out", tmp_path / "sr",
               *(["--deidentify", *known] * then))  # fmt: skip
    assert "put them back" not in made.stderr
    deidentify(*study.glob("*.dcm"), out="files")
    photographs = {
        (each.StudyInstanceUID, each.SeriesInstanceUID, each.SOPInstanceUID)
        for each in read(tmp_path / "files")
    }
    reports = [each for each in read(tmp_path / "sr") if each.Modality == "SR"]
    assert len(reports) == 3
    assert set().union(*map(referred, reports)) == photographs
    assert {each.PatientID for each in read(tmp_path / "files")} < {
        each.PatientID for each in reports
    }


def test_reports_and_overlays_without_names_say_that_they_are(predict, study, known, tmp_path):
    predict(study, "--out", tmp_path / "in", "--deidentify", *known, "--looked-at")
    run("dicom", "report", tmp_path / "in", "--out", tmp_path / "sr")
    found = read(tmp_path / "sr")
    assert {each.Modality for each in found} == {"SR", "OP", "DOC"}
    for each in found:
        assert each.PatientIdentityRemoved == "YES"
        assert each.LongitudinalTemporalInformationModified == "REMOVED"
        assert "Basic Profile" in str(each.DeidentificationMethod)
        codes = [one.CodeValue for one in each.DeidentificationMethodCodeSequence]
        assert codes == (["113100", "113101"] if each.Modality == "OP" else ["113100"])
    assert all(judged(each) == [] for each in (tmp_path / "sr").rglob("*.dcm"))


def test_reports_say_whether_dates_were_moved_and_named_ones_say_nothing(predict, study, tmp_path):
    predict(study, "--out", tmp_path / "in")
    run("dicom", "report", tmp_path / "in", "--out", tmp_path / "a", "--deidentify", "--move-dates")
    run("dicom", "report", tmp_path / "in", "--out", tmp_path / "b")
    assert read(tmp_path / "a")
    for each in read(tmp_path / "a"):
        codes = [one.CodeValue for one in each.DeidentificationMethodCodeSequence]
        assert (each.PatientIdentityRemoved, codes) == ("YES", ["113100", "113107"])
    assert all("PatientIdentityRemoved" not in each for each in read(tmp_path / "b"))


def test_a_study_without_a_patients_id_is_of_one_person_everywhere(
    predict, deidentify, eye, known, tmp_path
):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, side in enumerate("RL"):
        told = {**COMPLETE, "SOPInstanceUID": f"1.2.3.9.{number}", "ImageLaterality": side,
                "PatientID": ""}  # fmt: skip
        save(make(eye, **told), folder / f"IM{number}.dcm")
    deidentify(folder, out="files")
    (person,) = {each.PatientID for each in read(tmp_path / "files")}
    predict(folder, "--out", tmp_path / "nameless", "--deidentify", *known)
    (report,) = (tmp_path / "nameless" / "people").glob("*.json")
    assert json.loads(report.read_text("utf-8"))["person"] == person
    predict(folder, "--out", tmp_path / "named")
    run("dicom", "report", tmp_path / "named", "--out", tmp_path / "sr", "--deidentify", *known)
    reports = read(tmp_path / "sr")
    assert [each.PatientID for each in reports] == [person] * 4  # and their PDFs
    run("fhir", "report", tmp_path / "named", "--out", tmp_path / "fhir", "--deidentify", *known)
    assert len([*(tmp_path / "fhir").glob(f"{person}*.json")]) == 2
