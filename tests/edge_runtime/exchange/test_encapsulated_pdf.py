"""A PDF in a DICOM object is the same PDF, and the object is one by every program's account."""

import io
import os
import shutil
import subprocess

import pydicom
import pytest

from edge_runtime.contract import DISCLAIMER
from edge_runtime.exchange.encapsulated_pdf import ENCAPSULATED_PDF, encapsulated_pdf
from edge_runtime.exchange.new_object import MODIFIED, plain_words
from edge_runtime.exchange.statements import ImageReference
from tests.edge_runtime.dcmtk import dcmtk

PDF = b"%PDF-1.4\n%made up\n%%EOF"
EVEN, ODD = PDF + b"\n" * (len(PDF) % 2), PDF + b"\n" * (1 - len(PDF) % 2)
WORDS = plain_words({
    "StudyInstanceUID": "1.2.5", "PatientID": "P1", "PatientName": "Müller^Änne",
    "StudyDate": "20240131", "StudyTime": "101112", "StudyID": "S1",
})  # fmt: skip
PHOTO = "1.2.840.10008.5.1.4.1.1.77.1.5.1"
SOURCES = (
    ImageReference(PHOTO, "1.2.3.1", "1.2.4", "1.2.5"),
    ImageReference(PHOTO, "1.2.3.2", "1.2.4", "1.2.5", 1),
    ImageReference(PHOTO, "1.2.3.2", "1.2.4", "1.2.5", 2),
)


def made(pdf=EVEN, words=WORDS, **changes):
    told = {
        "title": "Report on eye photographs", "sources": SOURCES, "is_annotated": True,
        "version": "1.0", "time": "2026-01-02T03:04:05+01:00", **changes,
    }  # fmt: skip
    return encapsulated_pdf(pdf, words, **told)


def read(data):
    return pydicom.dcmread(io.BytesIO(data))


def needs(tool, package, variable):
    found = shutil.which(tool) if tool == "dciodvfy" else dcmtk(tool)
    return pytest.mark.skipif(
        not found and os.environ.get(variable) != "required",
        reason=f"{tool} isn't installed (apt install {package})",
    )


@pytest.mark.parametrize("pdf", [EVEN, ODD])
def test_the_document_is_read_back_byte_for_byte(pdf):
    data = read(made(pdf)[1])
    assert data.EncapsulatedDocumentLength == len(pdf)
    assert len(data.EncapsulatedDocument) % 2 == 0
    assert data.EncapsulatedDocument[: len(pdf)] == pdf
    assert data.EncapsulatedDocument[len(pdf) :] in (b"", b"\0")
    assert data.MIMETypeOfEncapsulatedDocument == "application/pdf"


@needs("dcm2pdf", "dcmtk", "FUNDUS_EDGE_DCMTK")
@pytest.mark.parametrize("pdf", [EVEN, ODD])
def test_another_program_takes_the_same_document_out(pdf, tmp_path):
    (tmp_path / "a.dcm").write_bytes(made(pdf)[1])
    subprocess.run([dcmtk("dcm2pdf"), tmp_path / "a.dcm", tmp_path / "a.pdf"], check=True)
    assert (tmp_path / "a.pdf").read_bytes() == pdf


@needs("dciodvfy", "dicom3tools", "FUNDUS_EDGE_DCIODVFY")
@pytest.mark.parametrize(
    "changes",
    [
        {}, {"sources": ()}, {"time": ""}, {"time": "2026-01-31", "instance": 2},
        {"title": "Ñ" * 3000}, {"is_annotated": False, "words": {**WORDS, MODIFIED: "REMOVED"}},
        {"words": plain_words({"StudyInstanceUID": "1.2.5"})},
    ],
)  # fmt: skip
def test_the_judge_of_others_finds_no_error(changes, tmp_path):
    (tmp_path / "a.dcm").write_bytes(made(**changes)[1])
    ran = subprocess.run(
        [shutil.which("dciodvfy") or "dciodvfy", tmp_path / "a.dcm"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    said = (ran.stdout + ran.stderr).splitlines()
    assert "EncapsulatedPDF" in said
    assert [line for line in said if line.startswith("Error")] == []


def test_it_says_what_it_is_whose_it_is_and_what_it_shows():
    reference, content = made()
    data = read(content)
    assert data.SOPClassUID == ENCAPSULATED_PDF == reference.sop_class_uid
    assert (data.StudyInstanceUID, data.PatientID) == ("1.2.5", "P1")
    assert (data.SOPInstanceUID, data.SeriesInstanceUID) == (
        reference.sop_instance_uid, reference.series_uid,
    )  # fmt: skip
    assert data.Modality == "DOC"
    assert data.DocumentTitle == f"Report on eye photographs. {DISCLAIMER}"
    assert (data.ContentDate, data.ContentTime) == ("20260102", "030405")
    assert data.BurnedInAnnotation == "YES"
    shown = [each.ReferencedSOPInstanceUID for each in data.SourceInstanceSequence]
    assert shown == ["1.2.3.1", "1.2.3.2"]  # a file of two photographs once


def test_the_same_document_is_the_same_object_and_another_one_isnt():
    assert made() == made()
    uids = [
        each.sop_instance_uid
        for each, _ in (made(), made(ODD), made(title="Slip"), made(sources=()), made(instance=2))
    ]
    assert len(set(uids)) == 5
    assert len({each.series_uid for each, _ in (made(), made(ODD, instance=2))}) == 1


def test_of_nobody_it_says_that_the_person_was_taken_out():
    data = read(made(is_annotated=False, words={**WORDS, MODIFIED: "REMOVED"})[1])
    assert (data.PatientIdentityRemoved, data.BurnedInAnnotation) == ("YES", "NO")
