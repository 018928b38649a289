"""A report whose photos have no objects says the same, and each number has something in it."""

import pydicom

from edge_runtime.exchange.new_object import plain_words
from edge_runtime.exchange.write_report import write_report
from tests.edge_runtime.exchange.read_report import read_report
from tests.edge_runtime.exchange.said import person
from tests.edge_runtime.exchange.test_dicom_report import within


def test_numbers_are_of_the_eye_then_and_are_read_back_as_they_were_said(tmp_path):
    said = person()
    words = plain_words({"StudyInstanceUID": "1.2.5", "PatientID": "P1"})
    _, data = write_report(said, {}, words)
    file = tmp_path / "report.dcm"
    file.write_bytes(data)
    read = read_report(file)
    assert [each.statements for each in read.photos] == [each.statements for each in said.photos]
    assert [each.eye for each in read.photos] == [each.eye for each in said.photos]
    assert read.general == said.general
    groups = within(pydicom.dcmread(file), "Imaging Measurements").ContentSequence
    numbers = [each for group in groups for each in group.ContentSequence
               if each.ValueType == "NUM"]  # fmt: skip
    assert numbers
    assert all(each.ContentSequence for each in numbers)
    score = within(groups[0], "Probability of any class that needs a referral")
    site = within(score, "Finding Site")
    assert within(site, "Laterality").ConceptCodeSequence[0].CodeMeaning == "Right"
