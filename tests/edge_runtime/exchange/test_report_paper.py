"""The PDF of a person's results goes where the coded ones go, and says the same eyes."""

import base64
import hashlib
import json
import subprocess
import sys

import pydicom
import pytest
from fhir.resources.R4B.bundle import Bundle as TheirBundle
from msgspec.structs import replace

from edge_runtime.commands import pdf_option
from edge_runtime.contract import DISCLAIMER
from edge_runtime.exchange import read_results
from edge_runtime.exchange.fhir_bundle import bundle_json, person_bundle
from edge_runtime.exchange.read_results import PersonResults
from edge_runtime.exchange.report_paper import Paper, paper_of
from edge_runtime.exchange.state import statements_of
from edge_runtime.papers import installed
from edge_runtime.results.texts import texts
from tests.conftest import ROOT
from tests.edge_runtime.dcmtk import dcmtk
from tests.edge_runtime.exchange.conftest import run
from tests.edge_runtime.exchange.read_fhir import read_bundle
from tests.edge_runtime.exchange.read_report import read_report
from tests.edge_runtime.exchange.reports import facts, full, report_of
from tests.edge_runtime.papers.pdf_tools import check, needs_tools, text_of

PDF = b"%PDF-1.4 made up"
EYES = {"right": "Right eye (OD)", "left": "Left eye (OS)", None: "Side of the eye unknown"}


def results_of(*records, **more):
    report = report_of(*records, **more)
    told = {number: each.dicom for number, each in enumerate(records, 1) if each.dicom}
    return PersonResults("P1", report, told, {}, dict.fromkeys(range(1, len(records) + 1)))


def bundle_of(results, pdf):
    said = statements_of(results.report, results.facts)
    return person_bundle(said, contents=results.sha256, paper=pdf and Paper(pdf, "a report"))


def forms(bundle):
    """List what a bundle's report has attached."""
    (report,) = (
        each["resource"]
        for each in json.loads(bundle)["entry"]
        if each["resource"]["resourceType"] == "DiagnosticReport"
    )
    return report["presentedForm"]


def everything(folder):
    return b"".join(each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file())


@needs_tools
@pytest.mark.parametrize(
    ("record", "eye"),
    [
        (full("P1_OD.jpg", disc="right"), "right"),
        (full("P1.jpg", disc="right"), None),  # the disc alone is a guess
        (full("P1_OD.jpg", disc="left"), None),
        (full("P1.dcm", dicom=facts("L")), "left"),
        (full("P1.dcm", dicom=facts("B")), None),
    ],
)
def test_the_eye_is_the_one_that_the_coded_results_say(record, eye):
    results = results_of(record)
    (said,) = statements_of(results.report, results.facts).eyes
    assert said.eye == eye
    text = text_of(paper_of(results, None).pdf)
    assert EYES[eye] in text
    for other in {*EYES} - {eye}:
        assert f"{EYES[other]} No photo of this eye" in text or EYES[other] not in text


@needs_tools
def test_what_is_said_of_a_person_is_made_once_for_all_that_is_written(monkeypatch):
    made = []

    def noted(*given, **more):
        made.append(given)
        return statements_of(*given, **more)

    monkeypatch.setattr(read_results, "statements_of", noted)
    results = results_of(full("P1_OD.jpg", disc="right"))
    assert paper_of(results, None).title == texts("en").say("title")
    assert results.said() is results.said()
    assert len(made) == 1
    assert replace(results, report=report_of(full("P1_OS.jpg"))).said() != results.said()


def test_the_pdf_is_in_the_fhir_report_beside_its_words():
    results = results_of(full("P1_OD.jpg", disc="right"))
    made = bundle_json(bundle_of(results, PDF))
    html, pdf = forms(made)
    assert html["contentType"] == "text/html; charset=utf-8"
    assert pdf["contentType"] == "application/pdf"
    assert base64.b64decode(pdf["data"]) == PDF
    assert pdf["size"] == len(PDF)
    assert base64.b64decode(pdf["hash"]) == hashlib.sha1(PDF).digest()  # noqa: S324 - R4 asks for it
    assert DISCLAIMER in pdf["title"]
    assert pdf["language"] == "en"
    without = bundle_json(bundle_of(results, None))
    assert forms(without) == [html]
    TheirBundle.model_validate_json(made)
    assert read_bundle(made) == read_bundle(without)


def test_a_report_drawn_otherwise_is_no_other_report_for_a_server():
    results = results_of(full("P1_OD.jpg", disc="right"))
    one, other, none = (bundle_of(results, pdf) for pdf in (PDF, PDF + b" again", None))
    assert one != other
    assert one.identifier == other.identifier == none.identifier
    assert [each.request for each in one.entry] == [each.request for each in none.entry]
    assert [each.full_url for each in one.entry] == [each.full_url for each in none.entry]


@pytest.mark.parametrize("command", ["dicom", "fhir"])
def test_without_what_draws_the_reports_come_without_it_and_say_what_to_install(
    predict, photo_file, tmp_path, monkeypatch, command
):
    predict(photo_file, "--out", tmp_path / "in")
    monkeypatch.setattr(installed, "find_spec", lambda name: None)
    told = run(command, "report", tmp_path / "in", "--out", tmp_path / "out")
    assert told.exit_code == 0, told.output
    said = "The reports come without their PDF, as what draws it isn't installed: pip install"
    assert said in told.stderr
    assert "say --no-pdf" in told.stderr
    assert b"application/pdf" not in everything(tmp_path / "out")
    quiet = run(command, "report", tmp_path / "in", "--out", tmp_path / "o", "--no-pdf")
    assert said not in quiet.stderr
    assert everything(tmp_path / "out") == everything(tmp_path / "o")


@pytest.mark.parametrize("command", ["dicom", "fhir"])
def test_no_pdf_leaves_it_out_and_loads_nothing_that_draws(predict, photo_file, tmp_path, command):
    predict(photo_file, "--out", tmp_path / "in")
    loaded = {}
    for options in ((), ("--no-pdf",)):
        out = tmp_path / f"out{options}"
        arguments = [command, "report", str(tmp_path / "in"), "--out", str(out), *options]
        code = (
            "import sys; from edge_runtime.commands.main import main; "
            f"main({arguments!r}, standalone_mode=False); "
            "print('fpdf' in sys.modules, 'fontTools' in sys.modules)"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
        )
        loaded[options] = ran.stdout.splitlines()[-1]
        assert (b"application/pdf" in everything(out)) == (not options)
    assert loaded == {(): "True True", ("--no-pdf",): "False False"}


def test_it_is_drawn_where_what_draws_is_there_and_nobody_says_no(monkeypatch):
    monkeypatch.setattr(installed, "find_spec", lambda name: object())
    assert pdf_option.draws_pdf(no_pdf=False)
    assert not pdf_option.draws_pdf(no_pdf=True)


@pytest.mark.slow
def test_the_pdf_in_dicom_is_that_in_fhir_and_refers_to_what_the_report_refers_to(
    hospital, reports, tmp_path
):
    told = run("fhir", "report", hospital / "out", "--out", tmp_path / "fhir")
    assert told.exit_code == 0, told.output
    checked = 0
    for folder in reports.iterdir():
        data = pydicom.dcmread(folder / "report-pdf.dcm")
        pdf = data.EncapsulatedDocument[: data.EncapsulatedDocumentLength]
        _, form = forms((tmp_path / "fhir" / f"{folder.name}.json").read_bytes())
        assert base64.b64decode(form["data"]) == pdf
        report = pydicom.dcmread(folder / "report.dcm")
        assert data.StudyInstanceUID == report.StudyInstanceUID
        assert (data.PatientID, data.PatientName) == (report.PatientID, report.PatientName)
        assert data.SeriesInstanceUID != report.SeriesInstanceUID
        read = read_report(folder / "report.dcm")
        wanted = {each.source.sop_instance_uid for each in read.photos if each.source}
        wanted |= {image.sop_instance_uid for each in read.photos for _, image in each.overlays}
        sources = data.get("SourceInstanceSequence") or ()
        assert {each.ReferencedSOPInstanceUID for each in sources} == wanted
        assert data.BurnedInAnnotation == "YES"
        checked += 1
    assert checked == 7


@pytest.mark.slow
@needs_tools
def test_another_program_takes_the_pdf_out_and_finds_it_sound(reports, tmp_path):
    tool = dcmtk("dcm2pdf")
    if tool is None:
        pytest.skip("apt install dcmtk")
    for folder in reports.iterdir():
        subprocess.run([tool, folder / "report-pdf.dcm", tmp_path / "a.pdf"], check=True)
        pdf = (tmp_path / "a.pdf").read_bytes()
        data = pydicom.dcmread(folder / "report-pdf.dcm")
        assert data.EncapsulatedDocument[: data.EncapsulatedDocumentLength] == pdf
        check(pdf, tmp_path)
        assert DISCLAIMER in text_of(pdf)
