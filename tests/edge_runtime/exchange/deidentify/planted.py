"""Identifiers in every place of a DICOM file that takes one, and the search for them."""

import base64
import io
import json
import tempfile
import warnings
import zipfile

import pytest
from pydicom.datadict import DicomDictionary, tag_for_keyword
from pydicom.dataset import Dataset

from edge_runtime.exchange.deidentify.kept import KEPT
from tests.edge_runtime.papers.pdf_tools import facts_of, has_tools, run, text_of

NAME, NUMBER, DAY = "Zyxwv", "4815162342", "19530417"

#: By VR, what tells of somebody and fits.
BY_VR = {
    "AE": "ZYXWV HOSPITAL", "AS": "087Y", "CS": "ZYXWV", "DA": DAY, "DS": NUMBER,
    "IS": "481516234", "DT": f"{DAY}112233.481516", "LO": "Zyxwv of Planted",
    "LT": "Zyxwv lives here", "PN": "Zyxwv^A", "SH": "Zyxwv 7", "ST": "Zyxwv's mother",
    "TM": "112233.481516", "UC": "Zyxwv too", "UI": f"1.2.{NUMBER}.{DAY}",
    "UR": "http://zyxwv.example/", "UT": "Dear Zyxwv", "OB": b"\0Zyxwv", "UN": b"Zyxwv ",
    "OW": b"Zyxwv\0",
}  # fmt: skip

#: What is searched for: parts of all of these.
MARKS = (NAME, NUMBER, "481516", "4.81516", DAY, "087Y")

#: What a file must say rightly to be a photograph at all, or in a form of its own.
NEEDED = frozenset({
    "SOPClassUID", "SpecificCharacterSet", "PhotometricInterpretation", "NumberOfFrames",
    "DirectoryRecordSequence", "PixelData", "ModalityLUTSequence", "VOILUTSequence",
    "ExtendedOffsetTable", "ExtendedOffsetTableLengths", "EncapsulatedPixelDataValueTotalLength",
    "ICCProfile", "RescaleSlope", "RescaleIntercept",
})  # fmt: skip

_TEXTS = (
    "PatientName", "CodeMeaning", "CodeValue", "TextValue", "LUTExplanation", "ModalityLUTType",
    "FrameLaterality", "ReferencedSOPInstanceUID", "PatientID", "CodingSchemeDesignator",
    "PixelSpacing", "FrameAcquisitionDateTime",
)  # fmt: skip
_SEQUENCES = (
    "FrameAnatomySequence",
    "AnatomicRegionSequence",
    "PixelMeasuresSequence",
    "ContentSequence",
    "AnatomicRegionModifierSequence",
)


def plant(data: Dataset) -> int:
    """Put identifiers into every attribute that takes one, into items and private blocks too.

    Returns how many attributes of the dictionary got one.
    """
    count = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for tag, (vr, _, _, _, keyword) in DicomDictionary.items():
            if tag >> 16 in (0, 2) or keyword in NEEDED or tag in (0x00080001, 0xFFFEE000):
                continue
            if vr in BY_VR:
                data.add_new(tag, vr, BY_VR[vr])
            elif vr == "SQ":
                is_kept = keyword in KEPT
                data.add_new(tag, vr, [_item(2 if is_kept else 0), _item(0)])
            else:
                continue
            count += 1
        for group in (0x5000, 0x6000, 0x6002):
            data.add_new(group << 16 | 0x0022, "LO", "Zyxwv")
            data.add_new(group << 16 | 0x3000, "OW", b"Zyxwv\0")
        block = data.private_block(0x0019, "ZYXWV MAKER", create=True)
        block.add_new(1, "LO", "Zyxwv")
        block.add_new(2, "SQ", [_item(0)])
        data.file_meta.SourceApplicationEntityTitle = "ZYXWV"
        data.file_meta.PrivateInformationCreatorUID = BY_VR["UI"]
        data.file_meta.PrivateInformation = b"Zyxwv!"
        data.preamble = b"Zyxwv".ljust(128, b"\0")
    return count


def _item(depth: int) -> Dataset:
    """Make an item in which identifiers stand as deep as ``depth``, also in what is kept."""
    made = Dataset()
    for keyword in _TEXTS if depth else _TEXTS[:2]:
        tag = tag_for_keyword(keyword)
        made.add_new(tag, DicomDictionary[tag][0], BY_VR[DicomDictionary[tag][0]])
    made.private_block(0x0011, "ZYXWV", create=True).add_new(1, "LT", "Zyxwv")
    if depth:
        for keyword in _SEQUENCES:
            setattr(made, keyword, [_item(depth - 1)])
    return made


def found_in(content: bytes, name: str = "") -> set[str]:
    """List the marks in a file's bytes and name, also as UTF-16, in a ZIP file's parts and in PDFs.

    Of a PDF what pdftotext reads and pdfinfo tells, and all of it where qpdf has unpacked it.
    """
    folded, called = content.lower(), name.lower()
    found = {
        mark
        for mark in MARKS
        if any(mark.lower().encode(form) in folded for form in ("utf-8", "utf-16-le", "utf-16-be"))
        or mark.lower() in called
    }
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for each in archive.namelist():
                found |= found_in(archive.read(each), each)
    for pdf in pdfs_in(content):
        if not has_tools():
            pytest.skip("apt install poppler-utils qpdf")
        for said in (text_of(pdf).encode(), str(facts_of(pdf)).encode(), unpacked(pdf)):
            found |= {mark for mark in MARKS if mark.lower().encode() in said.lower()}
    return found


def pdfs_in(content: bytes) -> list[bytes]:
    """Give the PDF that a file is or has in it: a DICOM object, or a FHIR bundle."""
    if content[128:132] == b"DICM" and b"%PDF-" in content:
        return [content[content.index(b"%PDF-") : content.rindex(b"%%EOF") + 6]]
    if content.startswith(b"%PDF-"):
        return [content]
    if b'"application/pdf"' not in content:
        return []
    reports = (each["resource"] for each in json.loads(content)["entry"])
    return [
        base64.b64decode(form["data"])
        for report in reports
        for form in report.get("presentedForm", ())
        if form["contentType"] == "application/pdf"
    ]


def unpacked(pdf: bytes) -> bytes:
    """Give a PDF with nothing in it compressed."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        return run("qpdf", "--stream-data=uncompress", file.name, "-")


def found_below(folder) -> dict[str, set[str]]:
    """List the marks in all files and names below a folder."""
    all_found = {
        name: found_in(each.read_bytes() if each.is_file() else b"", name)
        for each in sorted(folder.rglob("*"))
        if (name := str(each.relative_to(folder)))
    }
    return {name: found for name, found in all_found.items() if found}
