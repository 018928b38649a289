"""A person's FHIR bundle: what it says, how it is told from others, and that others can read it."""

import base64
import json
import re
from xml.etree import ElementTree as ET

import pytest
from fhir.resources.R4B.bundle import Bundle as TheirBundle
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from edge_runtime.exchange.fhir_bundle import bundle_json, person_bundle
from edge_runtime.exchange.fhir_words import date_time, is_oid, search_for
from edge_runtime.exchange.statements import Patient
from tests.edge_runtime.exchange.record_server import RecordServer
from tests.edge_runtime.exchange.said import (
    FOR_STUDY,
    HOSTILE,
    OP8,
    graded,
    image,
    person,
    persons,
    photo,
)

NONE = {}
ALLOWED = {"div", "p", "b", "h2", "table", "tbody", "tr", "th", "td"}


def made(who, contents=NONE, **options):
    return bundle_json(person_bundle(who, contents=contents, **options))


def resources(data, kind=None):
    found = [each["resource"] for each in json.loads(data)["entry"]]
    return [each for each in found if kind in (None, each["resourceType"])]


def everywhere(value, key):
    """List what stands under a key, however deep."""
    if isinstance(value, list):
        return [found for each in value for found in everywhere(each, key)]
    if not isinstance(value, dict):
        return []
    own = [value[key]] if key in value else []
    return own + [found for each in value.values() for found in everywhere(each, key)]


def check(data):
    """Check what holds for every bundle."""
    TheirBundle.model_validate_json(data)
    bundle = json.loads(data)
    names = [each["fullUrl"] for each in bundle["entry"]]
    assert len(set(names)) == len(names)
    assert set(everywhere(bundle, "reference")) <= set(names)
    # Medplum puts its own reference wherever it meets such a name, in identifiers too
    assert set(names).isdisjoint(everywhere(bundle, "value"))
    assert not any(name in search for name in names for search in everywhere(bundle, "ifNoneExist"))
    uids = everywhere(bundle, "uid") + everywhere(bundle, "id")
    assert all(re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", each) for each in uids)
    assert None not in (*everywhere(bundle, "value"), *everywhere(bundle, "code"))
    for each in resources(data):
        tags = {tag["code"]: tag["display"] for tag in each["meta"]["tag"]}
        assert {"HRESCH", "TRAIN", "disclaimer"} <= set(tags)
        assert "research and education only" in tags["disclaimer"]
    for each in resources(data, "Observation"):
        assert [note["text"] for note in each["note"]] == [FOR_STUDY]
        assert each["meta"]["security"][0]["code"] == "AIAST"
    (report,) = resources(data, "DiagnosticReport")
    for text in (report["conclusion"], report["text"]["div"], page_of(report)):
        assert FOR_STUDY in text
        assert "No clinician has looked at this" in text
    div = ET.fromstring(report["text"]["div"])  # noqa: S314 - ours
    inside = {element.tag.rpartition("}")[2] for element in div.iter()}
    assert inside <= ALLOWED
    assert all(set(element.attrib) <= {"lang"} or element is div for element in div.iter())
    statuses = {each["status"] for each in resources(data) if "status" in each}
    assert statuses <= {"preliminary", "unknown"}
    return bundle


def page_of(report):
    (form,) = report["presentedForm"]
    return base64.b64decode(form["data"]).decode()


def test_a_person_has_patient_model_observations_report_and_provenance():
    data = made(person())
    check(data)
    kinds = [each["resourceType"] for each in resources(data)]
    assert kinds == [
        "Patient", "Device", *["Observation"] * 3, "Observation", *["Observation"] * 3,
        "DiagnosticReport", "Provenance",
    ]  # fmt: skip
    (report,) = resources(data, "DiagnosticReport")
    assert len(report["result"]) == 3
    (provenance,) = resources(data, "Provenance")
    assert len(provenance["target"]) == 4
    assert provenance["entity"][0]["what"] == {"display": "P1_1.jpg"}


def test_no_observation_is_coded_as_a_disease_and_each_class_has_its_probability():
    data = made(person(photo()))
    observations = resources(data, "Observation")
    for each in observations:
        assert [code["code"] for code in each["code"]["coding"]] in (
            ["probability"], ["125007"],
        )  # fmt: skip
    shares = {
        each["code"]["text"]: each["valueQuantity"]["value"]
        for each in observations
        if "valueQuantity" in each
    }
    assert shares == {
        "Probability of the class by the model: Glaucoma": 0.75,
        "Probability of the class by the model: Class normal": 0.25,
    }
    (whole,) = [each for each in observations if "hasMember" in each]
    assert len(whole["hasMember"]) == 2


@pytest.mark.parametrize(
    ("eye", "told"),
    [
        ("right", ["81745001:272741003=24028007", "81745001"]),
        ("left", ["81745001:272741003=7771000", "81745001"]),
        (None, ["81745001"]),
    ],
)
def test_an_eye_is_told_by_a_code_and_an_unknown_one_has_no_side(eye, told):
    data = made(person(photo(1, eye, of_object=image())))
    check(data)
    for each in resources(data, "Observation"):
        assert [coding["code"] for coding in each["bodySite"]["coding"]] == told
    (study,) = resources(data, "ImagingStudy")
    (series,) = study["series"]
    side = {"right": "24028007", "left": "7771000", None: None}[eye]
    assert series.get("laterality", {}).get("code") == side
    if eye is None:
        assert "24028007" not in data.decode()
        assert "7771000" not in data.decode()


def test_a_series_of_both_eyes_has_no_side_and_photos_of_one_object_are_one():
    photos = (
        photo(1, "right", of_object=image(1, frame=1)),
        photo(2, "left", of_object=image(1, frame=2)),
        photo(3, "left", of_object=image(3, study="1.9", series="1.9.1")),
    )
    data = made(person(*photos))
    check(data)
    first, second = resources(data, "ImagingStudy")
    assert first["identifier"] == [{"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"}]
    assert "laterality" not in first["series"][0]
    assert [each["uid"] for each in first["series"][0]["instance"]] == ["1.2.3.4.1"]
    assert second["series"][0]["laterality"]["code"] == "7771000"
    (report,) = resources(data, "DiagnosticReport")
    assert len(report["imagingStudy"]) == 2
    assert "P1_1.jpg" not in data.decode()  # a name may tell who it is, and the UID is enough
    assert "P1_1.jpg" not in page_of(report)
    assert "DICOM object 1.2.3.4.1, frame 2" in report["text"]["div"]


@pytest.mark.parametrize(
    ("words", "sop_class", "told"),
    [
        (("OP",), OP8, "OP"), (("XC",), "1.2.840.10008.5.1.4.1.1.77.1.4", "XC"),
        (("XC", "XC"), "1.2.840.10008.5.1.4.1.1.77.1.4", "XC"), (("XC", "OP"), OP8, "OT"),
        (("OT",), "1.2.840.10008.5.1.4.1.1.7", "OT"), (("",), "1.2.840.10008.5.1.4.1.1.7", "OT"),
        (("",), OP8, "OP"), (("John Doe",), OP8, "OT"),
    ],
)  # fmt: skip
def test_a_series_is_of_what_its_files_say_took_it(words, sop_class, told):
    photos = [
        photo(number, of_object=replace(image(number), sop_class_uid=sop_class), modality=word)
        for number, word in enumerate(words, 1)
    ]
    data = made(person(*photos))
    check(data)
    (study,) = resources(data, "ImagingStudy")
    assert [each["modality"]["code"] for each in study["series"]] == [told]
    assert b"John Doe" not in data


@pytest.mark.parametrize("uid", ["", "abc", "1.02.3", "1." * 40 + "1", "9.1", "1.2 .3", "1.2\n"])
def test_a_uid_that_is_none_is_of_no_study(uid):
    assert not is_oid(uid)
    data = made(person(photo(of_object=image(study=uid))))
    check(data)
    assert resources(data, "ImagingStudy") == []


@pytest.mark.parametrize(
    ("told", "written"),
    [
        ("", ""), ("2024-01-31", "2024-01-31"),
        ("2024-01-31T10:11:12", "2024-01-31"),  # FHIR has no time without its offset
        ("2024-01-31T10:11-03:00", "2024-01-31T10:11:00-03:00"),
        ("2024-01-31T10:11:12.500000+05:30", "2024-01-31T10:11:12.500000+05:30"),
    ],
)  # fmt: skip
def test_when_it_was_taken_is_told_as_precisely_as_it_is_known(told, written):
    assert date_time(told) == written
    data = made(person(photo(acquired=told)))
    check(data)
    assert {each.get("effectiveDateTime", "") for each in resources(data, "Observation")} == {
        written
    }


def test_a_server_that_has_a_bundle_makes_nothing_new_of_it():
    server = RecordServer()
    data = made(person(photo(1, of_object=image()), photo(2, "left")))
    assert server.take(data) == len(json.loads(data)["entry"])
    assert server.take(data) == 0


def test_the_same_result_at_another_time_is_the_same_and_another_result_isnt():
    server = RecordServer()
    before = person(photo())
    server.take(made(before))
    later = replaced(before, time="2027-01-01T00:00:00+00:00")
    assert server.take(made(later)) == 0
    assert server.take(made(person(photo(said=graded(glaucoma=0.7500001))))) == 5
    assert len(server.of("Patient")) == len(server.of("Device")) == 1


def replaced(who, **changes):
    from msgspec.structs import replace

    return replace(who, **changes)


def test_photos_that_say_the_same_are_two_where_their_files_differ_or_not():
    photos = [photo(number, name="same.jpg") for number in (1, 2)]
    for contents in (NONE, {1: "a", 2: "b"}):
        data = made(person(*photos), contents)
        check(data)
        assert len(resources(data, "Observation")) == 6
    alone = made(person(photos[0]), {1: "a"})
    other = made(person(photos[0]), {1: "b"})
    named = [{each["fullUrl"] for each in json.loads(data)["entry"]} for data in (alone, other)]
    assert len(named[0] & named[1]) == 1  # the model


@pytest.mark.parametrize(
    ("who", "system", "is_shared"),
    [
        (Patient("7", "", is_known=True, is_dicom=False), "", False),
        (Patient("7", "", is_known=True, is_dicom=True), "", False),
        (Patient("7", "Clinic", is_known=True, is_dicom=True), "", True),
        (Patient("7", "", is_known=True, is_dicom=True), "http://h.example/ids", True),
        (Patient("7", "", is_known=True, is_dicom=False), "http://h.example/ids", True),
        (Patient("7", "", is_known=False, is_dicom=False), "http://h.example/ids", False),
    ],
)  # fmt: skip
def test_a_number_finds_a_person_only_where_somebody_says_whose_number_it_is(
    who, system, is_shared
):
    server = RecordServer()
    for content in ("a", "b"):
        data = made(person(photo(), patient=who), {1: content}, system=system)
        check(data)
        server.take(data)
    assert len(server.of("Patient")) == (1 if is_shared else 2)
    assert {each["identifier"][-1]["value"] for each in server.of("Patient")} == {"7"}


def test_one_number_of_two_issuers_is_two_persons():
    server = RecordServer()
    for issuer in ("Clinic", "Other"):
        server.take(made(person(photo(), patient=Patient("7", issuer, True, True))))
    assert len(server.of("Patient")) == 2


def test_a_person_who_is_in_the_record_isnt_made_again():
    server = RecordServer()
    known = {
        "resourceType": "Patient",
        "identifier": [{"system": "http://h.example/ids", "value": "a|b,c\\d"}],
    }
    server.resources["Patient/own"] = known
    who = Patient("a|b,c\\d", "", is_known=True, is_dicom=False)
    server.take(made(person(photo(), patient=who), system="http://h.example/ids"))
    assert server.of("Patient") == [known]
    assert {each["subject"]["reference"] for each in server.of("Observation")} == {"Patient/own"}


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(words):
    who = Patient(words, words, is_known=True, is_dicom=True)
    data = made(person(photo(name=words), patient=who))
    check(data)
    server = RecordServer()
    server.take(data)
    assert server.take(data) == 0
    (patient,) = server.of("Patient")
    assert "<script" not in page_of(server.of("DiagnosticReport")[0])
    assert (
        patient["identifier"][-1]["assigner"]["display"].strip()
        == (words if words.isprintable() else "\\u202eabc").strip()
    )


def test_what_parts_a_search_is_escaped():
    assert search_for("identifier", "s", "a|b") == "identifier=s%7Ca%5C%7Cb"
    assert search_for("identifier", "s", "a&b=c,d") == "identifier=s%7Ca%26b%3Dc%5C%2Cd"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(persons)
def test_every_bundle_is_read_by_others_and_is_the_same_each_time(who):
    data = made(who)
    check(data)
    assert made(who) == data
    server = RecordServer()
    server.take(data)
    assert server.take(data) == 0
