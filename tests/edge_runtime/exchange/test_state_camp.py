"""What people said at a camp is said in codes, and never more than they said."""

import io
from typing import get_args, get_type_hints

import pydicom
import pytest
from fhir.resources.R4B.bundle import Bundle as TheirBundle
from msgspec.structs import replace

from edge_runtime.exchange import codes
from edge_runtime.exchange.camp_words import BY_PEOPLE, CampWords, EyeWords, PhotoWords
from edge_runtime.exchange.fhir_bundle import bundle_json, person_bundle
from edge_runtime.exchange.fhir_narrative import conclusion, narrative
from edge_runtime.exchange.fhir_values import concept
from edge_runtime.exchange.new_object import number_at
from edge_runtime.exchange.state import statements_of
from edge_runtime.exchange.state_camp import camp_patient
from edge_runtime.exchange.write_report import write_report
from edge_runtime.station.advice import ORDER
from edge_runtime.station.camp_facts import Decision
from edge_runtime.station.visit_report import DueAtCamp
from tests.edge_runtime.exchange.read_fhir import read_bundle
from tests.edge_runtime.exchange.read_report import OF_PERSON, read_report
from tests.edge_runtime.exchange.record_server import RecordServer
from tests.edge_runtime.exchange.reports import facts, full, plain, report_of, told

WORDS = CampWords(
    17, "2026-11-28T09:15:02.123+01:00", "K-17", False, "Ana", 1950, "refer",
    {"right": EyeWords("refer", "operator"), "left": EyeWords("waiting", "none")},
    "Clinic", "2026-12-01", {1: PhotoWords("right", "name")},
)  # fmt: skip


def said(photo, *, path="P1_OD.jpg", disc=None, dicom=None):
    """Say what is said of a person of one photo, of which this was said."""
    report = report_of(full(path, disc=disc, dicom=dicom))
    words = replace(WORDS, photos={1: photo})
    return statements_of(report, {1: dicom} if dicom else {}, words)


def doubts(person):
    return [each[-1] for each in told(person.photos[0]) if each[0].startswith("side-doubt")]


@pytest.mark.parametrize(
    ("change", "identifier", "is_known"),
    [
        ({}, "K-17", True),
        ({"given_id": " a\\b "}, "a/b", True),
        ({"is_anothers": True}, "camp-20261128T091502123000-17", False),
        ({"given_id": ""}, "camp-20261128T091502123000-17", False),
        ({"given_id": "UNKNOWN"}, "camp-20261128T091502123000-17", False),
        ({"given_id": "x" * 65}, "camp-20261128T091502123000-17", False),
        ({"given_id": "x" * 64}, "x" * 64, True),
    ],
)
def test_an_id_is_a_persons_where_it_is_theirs_alone_and_whole(change, identifier, is_known):
    patient = camp_patient(replace(WORDS, **change))
    assert (patient.identifier, patient.is_known, patient.at_camp) == (identifier, is_known, True)
    assert (patient.name, patient.birth_year) == ("Ana", 1950)


def test_a_dicom_files_patient_stays_theirs_and_the_given_id_is_said():
    person = said(PhotoWords("right", "file"), dicom=facts("R"))
    assert (person.patient.identifier, person.patient.issuer) == ("P1", "H")
    assert (person.patient.at_camp, person.patient.name) == (False, "")
    assert "K-17" in [plain(each.value) for each in person.camp]


@pytest.mark.parametrize(
    ("photo", "path", "dicom", "eye", "first"),
    [
        (PhotoWords("left", "operator"), "P1_OD.jpg", None, "left", "side-overruled"),
        (PhotoWords("left", "operator"), "x.dcm", facts("R"), "left", "side-overruled"),
        (PhotoWords("right", "operator"), "x.dcm", facts("B"), "right", "side-both"),
        (PhotoWords("right", "operator"), "x.dcm", facts(""), "right", "side-absent"),
        (PhotoWords("right", "operator"), "x.dcm", facts("R", by_disc="left"), "right",
         "side-disc"),
        (PhotoWords(None, "operator"), "P1_OD.jpg", None, None, "side-untold"),
        (PhotoWords("left", "disc"), "scan.jpg", None, None, "side-absent"),
        (PhotoWords(None, None), "scan.jpg", None, None, "side-absent"),
    ],
)  # fmt: skip
def test_what_is_against_an_eye_stays_said(photo, path, dicom, eye, first):
    person = said(photo, path=path, dicom=dicom)
    assert person.photos[0].eye == eye
    code, text = doubts(person)
    assert code == first
    assert ("the operator says" in text) == (eye is not None)


@pytest.mark.parametrize(
    ("path", "dicom", "disc", "found"),
    [
        ("scan.jpg", None, "right",
         ["side-disc", "the optic disc lies as in a right eye; the operator says left eye"]),
        ("P1_OD.jpg", None, "right",
         ["side-overruled", "side-disc", "the file's name says right eye; the optic disc lies as "
          "in a right eye; the operator says left eye"]),
        ("P1_OS.jpg", None, "right",
         ["side-disc", "the file's name says left eye, but the optic disc lies as in a right eye; "
          "the operator says left eye"]),
        ("P1_OD.jpg", None, "left",
         ["side-overruled", "the file's name says right eye, but the optic disc lies as in a left "
          "eye; the operator says left eye"]),
        ("x.dcm", facts("B", by_disc="right"), "right",
         ["side-both", "side-disc", "the DICOM file says that it shows both eyes; the optic disc "
          "lies as in a right eye; the operator says left eye"]),
        ("x.dcm", facts("L", by_disc="right"), "right",
         ["side-disc", "the DICOM file says left eye, but the optic disc lies as in a right eye; "
          "the operator says left eye"]),
        ("scan.jpg", None, "left", []),
    ],
)  # fmt: skip
def test_an_optic_disc_against_the_operators_word_is_said_once(path, dicom, disc, found):
    person = said(PhotoWords("left", "operator"), path=path, dicom=dicom, disc=disc)
    assert doubts(person) == found
    assert person.photos[0].eye == "left"


@pytest.mark.parametrize("teller", ["operator", "name"])
def test_nothing_is_in_doubt_where_all_agree(teller):
    assert doubts(said(PhotoWords("right", teller))) == []


def test_a_decision_has_its_reason_and_who_decided_where_they_are_known():
    full_word = told(said(PhotoWords("right", "name", "refer", " looks\nbad ", "Ana")).photos[0])[
        -4:
    ]
    assert full_word == [
        ("side-told-by", "by-name"), ("decision", "word-refer"),
        ("decision-reason", "looks\\nbad"), ("decided-by", "Ana"),
    ]  # fmt: skip
    assert told(said(PhotoWords("right", "name", "accepted")).photos[0])[-1] == (
        "decision", "word-accepted",
    )  # fmt: skip


def test_an_advice_of_an_eye_by_its_disc_alone_is_said_to_be_a_guess():
    eyes = {
        "right": EyeWords("refer", "result", is_guessed=True), "left": EyeWords("waiting", "none"),
        "unknown": EyeWords("retake", "no-result"),
    }  # fmt: skip
    person = statements_of(report_of(full()), {}, replace(WORDS, eyes=eyes))
    sides = [each.qualifiers[0].value.value for each in person.camp if each.qualifiers]
    assert sides[::2] == sides[1::2] == ["untold-right", "7771000", "untold-unknown"]


def test_each_word_of_the_station_has_a_code():
    assert {*get_args(get_type_hints(DueAtCamp)["why"])} == codes.DUES.keys()
    assert {*ORDER} == codes.ADVICES.keys()
    assert {*get_args(Decision)} == codes.DECISIONS.keys()
    assert not BY_PEOPLE & OF_PERSON


@pytest.mark.parametrize(
    ("right", "left", "is_by_model"),
    [
        (("refer", "result"), ("waiting", "none"), True),
        (("retake", "no-result"), ("refer", "result"), True),
        (("refer", "no-result"), ("no-referral", "result"), False),  # an operator let it stand
        (("no-referral", "operator"), ("no-referral", "operator"), False),
        (("refer", "result"), ("no-referral", "operator"), False),
        (("retake", "set-aside"), ("waiting", "none"), False),
    ],
)
def test_in_fhir_an_operators_decision_is_no_word_of_the_model(right, left, is_by_model):
    eyes = {"right": EyeWords(*right), "left": EyeWords(*left)}
    photo = PhotoWords("right", "name") if is_by_model else PhotoWords("right", "name", "refer")
    person = statements_of(
        report_of(full()), {}, replace(WORDS, advice=right[0], eyes=eyes, photos={1: photo})
    )
    bundle = person_bundle(person, contents={1: "0" * 64})
    (whole,) = (
        each.resource for each in bundle.entry
        if getattr(each.resource, "code", None) == concept(codes.CAMP_PERSON)
    )  # fmt: skip
    assert [each.code for each in whole.meta.security] == (["AIAST"] if is_by_model else [])
    assert (whole.device is not None) == is_by_model
    (provenance,) = (each.resource for each in bundle.entry if hasattr(each.resource, "agent"))
    named = [each.who.display for each in provenance.agent]
    assert named == ([""] if is_by_model else ["", "Operators of the screening camp"])
    assert ("operators of a screening camp decided" in conclusion(person)) == (not is_by_model)
    assert "No clinician has looked at this" in conclusion(person)
    TheirBundle.model_validate_json(bundle_json(bundle))


def test_what_is_against_an_eye_that_is_said_doesnt_say_that_it_isnt_known():
    person = said(PhotoWords("left", "operator"), path="P1_OD.jpg")
    assert person.photos[0].eye == "left"
    told = narrative(person)
    assert "Doubt about which eye it is" in told
    assert "eye is not known" not in told


def test_the_conclusion_tells_of_an_eye_without_a_photograph_and_where_to_go():
    eyes = {
        "right": EyeWords("refer", "result"), "left": EyeWords("waiting", "none"),
        "unknown": EyeWords("retake", "no-result"),
    }  # fmt: skip
    person = statements_of(report_of(full()), {}, replace(WORDS, eyes=eyes))
    told = conclusion(person)
    assert told.startswith(
        "To be referred to a doctor, by the model or an operator. "
        "Left eye: There is no photograph yet. "
        "Eye of which the side is not known: To be photographed again (No photograph has a "
        "result). Where the person was told to go: Clinic. "
        "Day on which the person was told to go there: 2026-12-01. Right eye: Can be graded"
    )
    nowhere = replace(WORDS, eyes={"right": EyeWords("refer", "operator")}, place="", day="")
    told = conclusion(statements_of(report_of(full()), {}, nowhere))
    assert "Right eye: To be referred to a doctor, by the model or an operator (A decision" in told
    assert "told to go" not in told


def at(time, *, decision=""):
    """Say what is said of one photo where something was said last at a time."""
    words = replace(WORDS, said_last=time, photos={1: PhotoWords("right", "name", decision)})
    return statements_of(report_of(full()), {}, words)


def test_of_two_reports_that_contradict_one_another_the_newer_is_told_in_dicom():
    study = {"StudyInstanceUID": "1.2.3", "PatientID": "K-17"}
    first, second = (
        pydicom.dcmread(io.BytesIO(write_report(at(time, decision=word), {}, study)[1]))
        for time, word in (("2046-11-28T12:00:00+01:00", "no-referral"),
                           ("2046-11-28T11:59:59+00:00", ""))
    )  # fmt: skip
    assert first.SeriesInstanceUID == second.SeriesInstanceUID
    assert (first.ContentDate, first.ContentTime) == ("20461128", "120000")
    assert (second.ContentDate, second.ContentTime) == ("20461128", "115959")
    assert second.InstanceNumber - first.InstanceNumber == 3599
    assert number_at("1900-01-01T00:00:00") == 1
    assert number_at("2126-11-28T12:00:00+01:00") == 2**31 - 1  # as much as has room
    assert at("2000-01-01T00:00:00+00:00").time == report_of(full()).time  # of the photo


def test_in_fhir_what_was_undone_and_said_again_is_the_newest_too():
    server = RecordServer()
    for time, word in (("10", "refer"), ("11", ""), ("12", "refer"), ("12", "refer")):
        person = at(f"2046-11-28T{time}:00:00+00:00", decision=word)
        server.take(bundle_json(person_bundle(person, contents={1: "0" * 64})))
    assert [each["issued"][11:13] for each in server.of("DiagnosticReport")] == ["10", "11", "12"]
    whole = [each for each in server.of("Observation") if "camp-person" in str(each["code"])]
    assert [each["issued"][11:13] for each in whole] == ["10", "11", "12"]
    graded = [each for each in server.of("Observation") if "valueQuantity" in each]
    assert {each["issued"] for each in graded} == {report_of(full()).time}


def test_it_comes_back_of_fhir_as_it_was_and_people_are_no_artificial_intelligence():
    person = said(PhotoWords("left", "operator", "refer", "</div><script>", "Ana"))
    bundle = person_bundle(person, contents={1: "0" * 64})
    read = read_bundle(bundle_json(bundle))
    assert (read.camp, read.patient) == (person.camp, replace(person.patient, key=""))
    assert read.photos[0].statements == person.photos[0].statements
    by_code = {
        each.resource.code.coding[0].code: each.resource
        for each in bundle.entry
        if type(each.resource).__name__ == "Observation"
    }
    assert by_code["camp-photo"].device is None
    assert [each.code for each in by_code["camp-photo"].meta.security] == []
    (report,) = (each.resource for each in bundle.entry if hasattr(each.resource, "conclusion"))
    assert report.conclusion.startswith("To be referred to a doctor, by the model or an operator.")
    assert "operators of a screening camp decided" in report.conclusion
    assert "<script>" not in report.text.div


@pytest.mark.parametrize(("due", "value", "words"), [
    ("untold", "due-untold", "Not told where to go"), ("missed", "due-missed", "Did not go"),
    ("open", "due-open", "Not known whether they went"),
])  # fmt: skip
@pytest.mark.parametrize("since", ["2026-11-23", ""])
def test_what_is_due_from_an_earlier_visit_is_said_in_sr_and_fhir_alike(
    due, value, words, since, tmp_path
):
    eyes = {each: EyeWords("no-referral", "result") for each in ("right", "left")}
    healthy = replace(
        WORDS, advice="no-referral", eyes=eyes, place="", day="", due=due, due_since=since
    )
    person = statements_of(report_of(full()), {}, healthy)
    file = tmp_path / "report.dcm"
    file.write_bytes(write_report(person, {}, {"StudyInstanceUID": "1.2.3"})[1])
    bundle = bundle_json(person_bundle(person, contents={1: "0" * 64}))
    TheirBundle.model_validate_json(bundle)
    assert read_report(file).camp == read_bundle(bundle).camp == person.camp
    told = {each.concept: plain(each.value) for each in person.camp if not each.qualifiers}
    assert (told[codes.DUE], told.get(codes.DUE_SINCE, "")) == (value, since)
    day = f"Day of the visit of the referral that is still due: {since}. " if since else ""
    assert conclusion(person).startswith(
        "No referral by the model and the operators. "
        f"Referral of an earlier visit that is still due: {words}. {day}Right eye: "
    )
    assert words in narrative(person)
