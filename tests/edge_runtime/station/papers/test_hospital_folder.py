"""What a camp hands to a hospital says what the camp says, in objects and bundles others take."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import closing

import highdicom
import jsonschema
import pydicom
import pytest
from fhir.resources.R4B.bundle import Bundle as TheirBundle
from msgspec import structs

from edge_runtime.contract import DISCLAIMER
from edge_runtime.exchange import codes
from edge_runtime.hospital.demographics import Demographics
from edge_runtime.results.texts import texts
from edge_runtime.station import at_work
from edge_runtime.station.camp_report import ExpectedAtCamp, read_camp_report
from edge_runtime.station.camp_results import (
    camp_results,
    camp_words,
    of_last_visit,
    patients_in,
)
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.orders import Order
from edge_runtime.station.papers import camp_folder
from edge_runtime.station.papers.hospital_folder import DICOM, ForHospital, add_hospital_files
from edge_runtime.station.web.frame import TEXTS
from tests.conftest import ROOT
from tests.edge_runtime.exchange.conftest import eyes, run  # noqa: F401 - a fixture
from tests.edge_runtime.exchange.deidentify.planted import found_below
from tests.edge_runtime.exchange.read_fhir import read_bundle
from tests.edge_runtime.exchange.read_report import read_report
from tests.edge_runtime.exchange.record_server import RecordServer
from tests.edge_runtime.exchange.sending import TAKEN, archive, command, fhir_server
from tests.edge_runtime.exchange.test_dicom_report import needs
from tests.edge_runtime.station.papers.hospital_camp import CONTACT, ORDERS, STUDY, camp_in, copied
from tests.edge_runtime.station.web.served import classifier, served

pytestmark = pytest.mark.slow  # they run the package's model

OP8, SC, SR, PDF = (
    "1.2.840.10008.5.1.4.1.1.77.1.5.1", "1.2.840.10008.5.1.4.1.1.7",
    "1.2.840.10008.5.1.4.1.1.88.33", "1.2.840.10008.5.1.4.1.1.104.1",
)  # fmt: skip
URI = "http://hospital.example/patients"


@pytest.fixture(scope="module")
def inbox(eyes, tmp_path_factory):  # noqa: F811 - it is the fixture
    return camp_in(tmp_path_factory.mktemp("camp"), eyes, classifier())


@pytest.fixture(scope="module")
def exported(inbox, tmp_path_factory):
    """The export with both, and what the command said."""
    folder = tmp_path_factory.mktemp("stick") / "camp"
    told = export(inbox, folder, "--issuer", "Camp 7")
    assert told.exit_code == 1, told.output  # for what is gone
    return folder, told


def export(inbox, folder, *options):
    return run("station", "export", folder, "--inbox", inbox, "--dicom", "--fhir", *options)


@pytest.fixture(scope="module")
def people(exported):
    """The folders of people, by what stands behind their numbers."""
    folders = [each for each in exported[0].iterdir() if each.is_dir()]
    return {each.name.partition("-")[2] or each.name: each for each in folders}


@pytest.fixture(scope="module")
def three(people):
    """Of each person: what is said, the SR and the bundle read back, and the JSON."""
    found = {}
    for name, folder in people.items():
        if (folder / "bundle.json").is_file():
            report = read_camp_report(folder / "report.json")
            said = camp_results(
                report, report.report, name=folder.name, originals={}, overlays={}
            ).said()
            found[name] = (
                said,
                read_report(folder / DICOM / "report.dcm"),
                read_bundle((folder / "bundle.json").read_bytes()),
                json.loads((folder / "report.json").read_bytes()),
            )
    return found


def objects(folder):
    return {file: pydicom.dcmread(file) for file in sorted(folder.rglob("*.dcm"))}


def plain(value):
    return value.code.value if hasattr(value, "code") else getattr(value, "text", value)


def test_each_person_has_a_report_with_pictures_and_a_bundle(people):
    made = {
        name: Counter(data.SOPClassUID for data in objects(folder / DICOM).values())
        for name, folder in people.items()
        if (folder / DICOM).is_dir()
    }
    hostile = next(name for name in made if "Doe" in name)
    assert {name: dict(each) for name, each in made.items()} == {
        "K-17": {SR: 1, PDF: 1, OP8: 1, SC: 3},
        hostile: {SR: 1, PDF: 1, SC: 2},
        "D3": {SR: 1, PDF: 1, SC: 3},  # one of two is too dark
        "W9": {SR: 1, PDF: 1, SC: 2},
        "G2": {SR: 1, PDF: 1, SC: 3},  # one of three is gone, and one came as DICOM
        "S-1": {SR: 1, PDF: 1, SC: 2},
        "s_1": {SR: 1, PDF: 1, SC: 2},
        "M-5": {SR: 1, PDF: 1, SC: 2},
        "X3": {SR: 1, PDF: 1, OP8: 1, SC: 3},
        "Ñandú-7": {SR: 1, PDF: 1, SC: 3},  # its photos are in the archive
        next(name for name in made if name.isdecimal()): {SR: 1, PDF: 1, SC: 2},
    }
    assert {name for name, folder in people.items() if (folder / "bundle.json").is_file()} == {
        *made
    }
    assert not [*people["N0"].glob("*.dcm")]


def test_what_cant_be_said_is_named_and_the_hashes_are_right(exported, people):
    folder, told = exported
    gone, mixed = people["G2"].name, people["A1"].name
    readme = (folder / "README.txt").read_text("utf-8")
    for said in (told.stderr, readme):
        assert f"{gone}: the camera's file of photo" in said
        assert f"{mixed}: the DICOM files are of several patients' IDs" in said
    assert told.stderr.count("Error") == 2
    assert "fundus-edge dicom send" in readme
    assert not [*folder.rglob("original-*")]
    said = subprocess.run(
        ["sha256sum", "-c", "--strict", "SHA256SUMS"],  # noqa: S607
        cwd=folder, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    files = [each for each in folder.rglob("*") if each.is_file()]
    assert said.count(": OK") == len(files) - 1
    assert {each.stat().st_mode & 0o077 for each in files} == {0}


@needs("dciodvfy", "dicom3tools", "FUNDUS_EDGE_DCIODVFY")
def test_the_judge_of_others_finds_no_error_in_any_object(exported):
    judged = 0
    for file in objects(exported[0]):
        ran = subprocess.run(
            [shutil.which("dciodvfy") or "dciodvfy", file], check=False, capture_output=True,
            text=True,
        )  # fmt: skip
        lines = (ran.stdout + ran.stderr).splitlines()
        assert [line for line in lines if line.startswith("Error")] == [], file
        judged += 1
    assert judged > 25


@needs("dsrdump", "dcmtk", "FUNDUS_EDGE_DCMTK")
def test_other_programs_and_libraries_read_every_report(exported):
    for file in exported[0].rglob("report.dcm"):
        ran = subprocess.run(
            [shutil.which("dsrdump") or "dsrdump", "+Pl", "-Ei", file], check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        assert not [line for line in ran.stderr.splitlines() if line.startswith("E:")]
        assert DISCLAIMER in ran.stdout
        assert "Advice by the model and the operators" in ran.stdout
        groups = highdicom.sr.srread(file).content.get_image_measurement_groups()
        assert len(groups) == len(read_report(file).photos)


def test_sr_and_fhir_say_what_is_said(three):
    for said, sr, bundle, _ in three.values():
        assert sr.camp == bundle.camp == said.camp != ()
        assert sr.general == bundle.general == said.general
        who = structs.replace(said.patient, key="")  # which names the person, and isn't told
        is_told = who.is_known and not who.is_dicom  # of such the option says who issued the ID
        assert bundle.patient == (structs.replace(who, issuer="Camp 7") if is_told else who)
        for own, in_sr, in_fhir in zip(said.photos, sr.photos, bundle.photos, strict=True):
            assert in_sr.statements == in_fhir.statements == own.statements
            assert in_sr.eye == in_fhir.eye == own.eye
            assert own.image in (in_sr.source, None)
            assert in_fhir.image == in_sr.source or (in_sr.source or in_fhir.image).frame


def test_they_say_what_the_json_says_by_a_reading_of_its_own(three):
    compared = Counter()
    for said, sr, bundle, raw in three.values():
        photos = {each["number"]: each for each in raw["photos"]}
        for number, *both in zip((each.number for each in said.photos), sr.photos, bundle.photos,
                                 strict=True):  # fmt: skip
            for told in both:
                compared += compare_photo(photos[number], told)
        for told in (sr.camp, bundle.camp):
            compared += compare_person(raw, told)
    assert {key for key, count in compared.items() if count > 1} == {
        "eye", "teller", "decision", "reason", "by", "advice", "place", "year", "class",
        "probability", "guess",
    }  # fmt: skip


def compare_photo(raw, told):
    values = {}
    for each in told.statements:
        key = (each.concept.value, *(one.value.value for one in each.qualifiers))
        values.setdefault(key, plain(each.value))
    count = Counter()
    believed = raw["eye"] if raw["eye_told_by"] in ("operator", "file", "name") else None
    assert told.eye == believed
    count["eye"] += 1
    if raw["eye_told_by"] in ("operator", "file", "name"):
        assert values["side-told-by",] == f"by-{raw['eye_told_by']}"
        count["teller"] += 1
    assert values.get(("decision",)) == (raw["decision"] and f"word-{raw['decision']}")
    if raw["decision"]:
        assert values["decided-by",] == "Ana Zyxwv"
        assert values.get(("decision-reason",), "") == in_words(raw["decision_reason"])
        count += Counter(decision=1, by=1, reason=bool(raw["decision_reason"]))
    record = raw["record"]
    for name, share in record.get("probabilities", {}).items():
        value = values["probability", codes.class_code(name).value]
        assert value.value == share if hasattr(value, "value") else value == share
        count["probability"] += 1
    if "class" in record:
        assert values["121071",] == codes.class_code(record["class"]).value
        count["class"] += 1
    return count


def in_words(text):
    """Write words as everything that is shown does: printable, on one line."""
    return text.replace("\u202e", "\\u202e")


def compare_person(raw, told):
    values = {
        (each.concept.value, *(one.value.value for one in each.qualifiers)): plain(each.value)
        for each in told
    }
    assert values["advice",] == f"do-{raw['advice']}"
    count = Counter()
    sides = {"right": "24028007", "left": "7771000", "unknown": "untold-unknown"}
    for eye, each in raw["eyes"].items():
        guessed = any(one["eye"] == eye and one["eye_told_by"] == "disc" for one in raw["photos"])
        key = f"untold-{eye}" if guessed else sides[eye]
        assert values["advice", key] == f"do-{each['advice']}"
        assert values["advice-why", key] == f"why-{each['why']}"
        count += Counter(advice=1, guess=int(guessed))
    assert values.get(("given-id",), "") == in_words(raw["given_id"])
    assert values.get(("birth-year",), "") == str(raw["birth_year"] or "")
    assert values.get(("referred-to",), "") == raw["referral"]["place"]
    assert values.get(("referred-on",), "") == raw["referral"]["day"]
    count += Counter(place=bool(raw["referral"]["place"]), year=bool(raw["birth_year"]))
    return count


def test_the_operators_word_for_the_eye_counts_and_the_files_doubt_stays_said(three):
    def doubts(name):
        return {
            (photo.eye, plain(each.value))
            for photo in three[name][1].photos
            for each in photo.statements
            if each.concept in (codes.SIDE_DOUBT, codes.SIDE_DOUBT_TEXT)
        }

    nobody = next(name for name in three if name.isdecimal())
    assert ("left", "side-overruled") in doubts("W9")
    assert any("name says right eye" in said for _, said in doubts("W9"))
    assert doubts("Ñandú-7") == {
        ("left", "side-both"),
        ("left", "the DICOM file says that it shows both eyes; the operator says left eye"),
    }
    assert (None, "side-untold") in doubts(nobody)
    assert {eye for eye, _ in doubts("M-5")} == {None}
    assert doubts("K-17") == set()


def test_whose_it_is_is_told_where_it_is_certain(three, people):
    def told(name):
        data = pydicom.dcmread(people[name] / DICOM / "report.dcm")
        return str(data.PatientID), data.get("IssuerOfPatientID"), str(data.PatientName)

    assert told("K-17") == ("K-17", "Camp 7", "Zyxwv López")
    assert told("Ñandú-7") == ("Ñandú-7", "H", "Zyxwv^Änne")
    nobody = next(name for name in three if name.isdecimal())
    assert told("S-1")[:2] == ("S-1", "Camp 7")  # who had it first
    for name in ("s_1", nobody):  # who had it second, and one who has none
        identifier, issuer, _ = told(name)
        number = int(people[name].name.partition("-")[0])
        assert identifier.startswith("camp-2")
        assert identifier.endswith(f"-{number}")
        assert issuer == "fundus-edge"
    ids = [told(name)[0] for name in three]
    assert len(set(ids)) == len(ids) == 11
    for name, folder in people.items():
        whose = {(str(data.PatientID), str(data.PatientName))
                 for data in objects(folder / DICOM).values()}  # fmt: skip
        assert len(whose) <= (2 if name == "G2" else 1), name
    assert told("G2")[0] == "G2"  # though its newest photo has no ID
    report = pydicom.dcmread(people["Ñandú-7"] / DICOM / "report.dcm")
    assert (report.StudyInstanceUID, report.StudyDate) == (f"{STUDY}.7", "20240131")


def test_the_bundle_leads_to_what_the_same_export_puts_into_the_archive(people):
    told = 0
    for folder in people.values():
        if not (folder / "bundle.json").is_file():
            continue
        entries = json.loads((folder / "bundle.json").read_bytes())["entry"]
        resources = [each["resource"] for each in entries]
        studies = {
            one["identifier"][0]["value"]: {
                instance["uid"] for series in one["series"] for instance in series["instance"]
            }
            for one in resources if one["resourceType"] == "ImagingStudy"
        }  # fmt: skip
        photos = [pydicom.dcmread(each) for each in (folder / DICOM).glob("photo-*.dcm")]
        for data in photos:
            assert data.SOPInstanceUID in studies[f"urn:oid:{data.StudyInstanceUID}"]
            told += 1
    assert told > 12
    entries = json.loads((people["K-17"] / "bundle.json").read_bytes())["entry"]
    resources = [each["resource"] for each in entries]
    (who,) = (each for each in resources if each["resourceType"] == "Patient")
    (given,) = (each for each in who["identifier"] if each["value"] == "K-17")
    assert given["assigner"]["display"] == "Camp 7"


def test_when_a_photograph_was_taken_is_told_alike_everywhere(people):
    raw = json.loads((people["K-17"] / "report.json").read_bytes())
    taken = {each["number"]: each["taken"] for each in raw["photos"]}
    assert sorted(filter(None, taken.values())) == ["2023-05-06T07:08:09"]
    for number, time in taken.items():
        data = pydicom.dcmread(people["K-17"] / DICOM / f"photo-{number:04}.dcm")
        said = data.get("AcquisitionDateTime")
        assert said == (time and "".join(each for each in time if each.isdecimal()))
    assert "2023-05-06T07:08:09" in (people["K-17"] / "bundle.json").read_text("utf-8")


def test_all_objects_of_a_study_say_the_same_of_it_and_it_has_its_day(exported, people):
    studies, days = {}, {}
    for file, data in objects(exported[0]).items():
        words = [data.get(each) for each in
                 ("StudyDate", "StudyTime", "StudyID", "AccessionNumber", "PatientID")]  # fmt: skip
        studies.setdefault(data.StudyInstanceUID, set()).add(tuple(map(str, words)))
        raw = json.loads((file.parent.parent / "report.json").read_bytes())
        days.setdefault(raw["since"][:10].replace("-", ""), set()).add(data.StudyDate)
        if data.SOPClassUID == SC and file.name.startswith("photo-"):
            assert data.InstanceNumber == int(file.stem[6:])
    assert {uid: words for uid, words in studies.items() if len(words) > 1} == {}
    ((today, said),) = days.items()
    assert said == {today, "20240131", ""}  # of DICOM files the last two, whatever EXIF data say
    x3 = objects(people["X3"] / DICOM)
    assert {data.StudyDate for data in x3.values()} == {today}
    assert {"20230506070809", None} == {
        data.get("AcquisitionDateTime") for file, data in x3.items() if "photo-" in file.name
    }


def test_who_is_on_a_worklist_is_the_hospitals_patient_in_the_study_that_it_wants(three, people):
    made = objects(people["X3"] / DICOM)
    for file, data in made.items():
        assert (data.PatientID, data.IssuerOfPatientID) == ("X-03", "H"), file.name
        assert str(data.PatientName) == "Zyxwv^Xenia"
        assert (data.PatientBirthDate, data.PatientSex) == ("19440203", "F")
        assert data.StudyInstanceUID == ORDERS[0].study_uid
        assert data.AccessionNumber == "ACC-9"
    assert len({(data.SeriesInstanceUID, data.SeriesNumber) for data in made.values()}) == 5
    patient = three["X3"][2].patient
    assert (patient.identifier, patient.issuer, patient.is_dicom) == ("X-03", "H", True)
    assert (patient.name, patient.birth_year) == ("Zyxwv Xenia", 1944)


@pytest.mark.parametrize(
    ("patient", "issuer", "count"),
    [("Ñandú-7", "H", 1), ("Ñandú-7", "", 1), ("Ñandú-7", "G", 2), ("X", "H", 2), ("", "", 1)],
)
def test_a_worklist_that_says_another_patient_than_the_files_makes_two(
    people, patient, issuer, count
):
    report = read_camp_report(people["Ñandú-7"] / "report.json")
    expected = ExpectedAtCamp(patient, issuer, ())
    assert len(patients_in(structs.replace(report, expected=expected))) == count


@pytest.mark.parametrize(
    ("orders", "study", "accession"),
    [
        ((Order("1.2", "A", time="today"), Order("1.3", "B", time="2020-01-01T10:15")), "1.2", "A"),
        ((Order("1.3", "B", time="2020-01-01"),), "", ""),
        ((Order("1.2", "A"), Order()), "1.2", "A"),
        ((Order("1.2", "A"), Order("1.2", "B")), "1.2", ""),
        ((Order("1.2", "A"), Order("1.3", "A")), "", "A"),
        ((Order("1.02", "A\\B"),), "", ""),
        ((Order("", "A" * 17),), "", ""),
    ],
)
def test_photographs_go_into_a_study_that_a_worklist_names_alone(people, orders, study, accession):
    report = read_camp_report(people["X3"] / "report.json")
    day = report.visits[-1].days[-1]
    theirs = tuple(structs.replace(o, time=o.time.replace("today", f"{day}T10:15")) for o in orders)
    expected = ExpectedAtCamp("X", "H", theirs)
    words = camp_words(of_last_visit(structs.replace(report, expected=expected)))
    assert (words.study_uid, words.accession) == (study, accession)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, ("Zyxwv^Xenia ", "19440203", "F")),
        ({"name": "Zyxwv Xena"}, ("", "19440203", "F")),
        ({"birth_year": 1945}, ("Zyxwv^Xenia ", "", "F")),
        ({"expected": None}, ("", "", "")),
    ],
)
def test_what_an_operator_wrote_counts_before_the_hospitals_words(people, changed, told):
    report = read_camp_report(people["X3"] / "report.json")
    assert camp_words(structs.replace(report, **changed)).demographics == Demographics(*told)


def test_a_record_takes_each_bundle_once_and_finds_people_only_by_ids_that_are_theirs(
    inbox, people, tmp_path
):
    export(inbox, tmp_path / "stick", "--patients", URI)
    server = RecordServer()
    files = sorted((tmp_path / "stick").glob("*/bundle.json"))
    for file in files:
        TheirBundle.model_validate_json(file.read_bytes())
        assert server.take(file.read_bytes()) > 0
    assert [server.take(each.read_bytes()) for each in files] == [0] * len(files)
    patients = {}
    for each in server.of("Patient"):
        systems = {one.get("system"): one["value"] for one in each["identifier"]}
        patients[systems.get(URI)] = each
    assert {"K-17", "G2", "Ñandú-7"} < patients.keys()
    assert not any(
        each and (each.startswith("camp-") or each in ("S-1", "s 1")) for each in patients
    )
    assert len(server.of("Patient")) == len(files) == 11
    known = patients["K-17"]
    assert (known["name"], known["birthDate"]) == ([{"text": "Zyxwv López"}], "1950")
    assert "name" not in patients["Ñandú-7"]  # the record knows it


def test_the_slip_is_in_the_study_of_its_report_byte_for_byte(people):
    for name in ("K-17", "Ñandú-7", "G2"):
        slip = pydicom.dcmread(people[name] / DICOM / "slip-pdf.dcm")
        report = pydicom.dcmread(people[name] / DICOM / "report.dcm")
        size, pdf = slip.EncapsulatedDocumentLength, slip.EncapsulatedDocument
        assert pdf[:size] == (people[name] / "slip.pdf").read_bytes()
        for keyword in ("StudyInstanceUID", "PatientID", "PatientName", "StudyDate"):
            assert slip.get(keyword) == report.get(keyword)
        assert DISCLAIMER in slip.DocumentTitle
        assert slip.BurnedInAnnotation == "YES"
        read = read_report(people[name] / DICOM / "report.dcm")
        there = {each.ReferencedSOPInstanceUID for each in slip.SourceInstanceSequence}
        assert there == {
            image.sop_instance_uid
            for each in read.photos
            for image in (each.source, *(one for _, one in each.overlays))
            if image
        }


def test_the_bundle_has_the_slip_too(people):
    for name in ("K-17", "Ñandú-7"):
        entries = json.loads((people[name] / "bundle.json").read_bytes())["entry"]
        (report,) = (each["resource"] for each in entries if "conclusion" in each["resource"])
        slip = report["presentedForm"][1]
        assert base64.b64decode(slip["data"]) == (people[name] / "slip.pdf").read_bytes()
        assert slip["title"] == f"Slip of a screening camp. {DISCLAIMER}"


def test_nothing_tells_how_to_reach_somebody(exported):
    folder, _ = exported
    handed = [*folder.rglob("*.dcm"), *folder.rglob("bundle.json")]
    assert len(handed) > 30
    for file in handed:
        assert b"600 123 456" not in file.read_bytes()
    assert CONTACT in (folder / "camp.csv").read_text("utf-8")


def test_the_same_camp_gives_the_same_files_also_while_the_station_is_at_work(
    inbox, tmp_path, monkeypatch
):
    # OpenCV keeps a letter that a test wrote with its Hershey fonts, and writes a legend with it
    monkeypatch.setattr(camp_folder, "captioned", lambda picture, *words: picture)
    first = tmp_path / "first"
    export(inbox, first, "--issuer", "Camp 7")
    there = copied(inbox, tmp_path / "camp")
    there.with_name("inbox-station").rename(tmp_path / "camp" / "data")
    with served(tmp_path / "camp") as client:
        data = client.station.store.folder
        at_work.say_where(data, f"http://127.0.0.1:{client.port}/")
        told = run("station", "export", tmp_path / "again", "--data", data, "--inbox", there,
                   "--dicom", "--fhir", "--issuer", "Camp 7")  # fmt: skip
    assert told.exit_code == 1, told.output
    files = [*first.glob("*/dicom/*"), *first.glob("*/bundle.json")]
    again = {each: tmp_path / "again" / each.relative_to(first) for each in files}
    assert [file for file in files if again[file].read_bytes() != file.read_bytes()] == []
    assert len(files) == len(
        [*(tmp_path / "again").glob("*/dicom/*"), *(tmp_path / "again").glob("*/bundle.json")]
    )


def test_an_archive_and_a_record_are_sent_all_of_it_as_it_lies_there(exported, tmp_path):
    folder, _ = exported
    syntaxes = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.50")
    with archive(classes=(OP8, SC, SR, PDF), syntaxes=syntaxes) as there:
        told = command("dicom", "send", folder, "--peer", there.peer, "--queue", tmp_path / "q")
    assert told.exit_code == 0, told.output
    assert sorted(there.uids) == sorted(
        str(each.SOPInstanceUID) for each in objects(folder).values()
    )
    with fhir_server(TAKEN) as server:
        told = command("fhir", "send", folder, "--to", server.address, "--queue", tmp_path / "q")
    assert told.exit_code == 0, told.output
    assert len(server.bodies) == 11


def test_with_the_originals_dicom_photographs_go_along(inbox, tmp_path):
    export(inbox, tmp_path / "stick", "--originals")
    uids = {str(pydicom.dcmread(each).SOPInstanceUID)
            for each in (tmp_path / "stick").glob("*7/original-*")
            if each.read_bytes()[128:132] == b"DICM"}  # fmt: skip
    assert uids == {f"{STUDY}.7.1.{number}" for number in (1, 2, 3)}


def test_without_a_dicom_file_the_report_refers_to_it_and_says_less(inbox, tmp_path):
    there = copied(inbox, tmp_path / "camp")
    for each in there.glob("IM*"):
        each.unlink()
    told = export(there, tmp_path / "stick")
    assert told.stderr.count("neither the patient's name nor the study's date") == 3
    again = copied(inbox, tmp_path / "other")
    (again / "IM1").unlink()
    assert "neither the patient's name" not in export(again, tmp_path / "more").stderr
    made = objects(next((tmp_path / "more").glob("*-Ñandú-7")))
    assert {(str(each.PatientName), each.StudyDate) for each in made.values()} == {
        ("Zyxwv^Änne", "20240131")
    }
    (folder,) = (tmp_path / "stick").glob("*-Ñandú-7")
    data = pydicom.dcmread(folder / DICOM / "report.dcm")
    assert (data.PatientID, str(data.PatientName)) == ("Ñandú-7", "")
    assert {
        each.source.study_uid for each in read_report(folder / DICOM / "report.dcm").photos
    } == {f"{STUDY}.7"}


def test_without_names_neither_tells_anybody(inbox, tmp_path):
    key = tmp_path / "secret" / "key.json"
    told = export(inbox, tmp_path / "open", "--deidentify", "--pseudonyms", key, "--move-dates")
    assert "Error" not in told.stderr.replace("several patients", "")
    assert found_below(tmp_path / "open") == {}
    readme = (tmp_path / "open" / "README.txt").read_text("utf-8")
    assert "There are neither pictures nor a slip in them" in readme
    assert "beside it the pictures" not in readme
    assert {each.name for each in (tmp_path / "open").rglob("*.dcm")} == {"report.dcm"}
    reports = [*(tmp_path / "open").glob("*/dicom/report.dcm")]
    assert len(reports) == len([*(tmp_path / "open").glob("*/bundle.json")]) > 8
    for file in reports:
        data, read = pydicom.dcmread(file), read_report(file)
        assert data.PatientIdentityRemoved == "YES"
        assert data.PatientID == file.parent.parent.name
        said = {each.concept for photo in read.photos for each in photo.statements}
        assert not said & {codes.DECISION_REASON, codes.DECIDED_BY}
        bundle = read_bundle((file.parent.parent / "bundle.json").read_bytes())
        assert bundle.camp == read.camp
        assert [each.statements for each in bundle.photos] == [
            each.statements for each in read.photos
        ]
    assert any(
        each.concept == codes.DECISION
        for file in reports for photo in read_report(file).photos for each in photo.statements
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--issuer", "x"], "--issuer needs --dicom or --fhir"),
        (["--annotated", "--fhir"], "--annotated needs --dicom"),
        (["--patients", URI, "--dicom"], "--patients needs --fhir"),
        (["--fhir", "--patients", "17"], "is no URI"),
        (["--dicom", "--issuer", "x" * 65], "one line of 64 letters"),
        (["--dicom", "--issuer", "x", "--deidentify"], "leave out them or --deidentify"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_anything_is_written(
    inbox, tmp_path, options, said
):
    told = run("station", "export", tmp_path / "stick", "--inbox", inbox, *options)
    assert told.exit_code in (1, 2)
    assert said in told.stderr
    assert not (tmp_path / "stick").exists()


def test_without_the_extra_it_is_said_what_to_install_and_fhir_goes_on(inbox, tmp_path):
    code = (
        "import sys; sys.modules['pydicom'] = None\n"
        "from edge_runtime.commands.process import run; run()"
    )

    def ran(*options):
        given = ["station", "export", tmp_path / options[0][2:], "--inbox", inbox, *options]
        return subprocess.run(
            [sys.executable, "-c", code, *given], check=False, capture_output=True, text=True,
            env=os.environ,
        )  # fmt: skip

    told = ran("--dicom")
    assert told.returncode == 1
    assert 'pip install -c constraints.txt ".[hospital]"' in told.stderr
    assert "Traceback" not in told.stderr
    assert not (tmp_path / "dicom").exists()
    ran("--fhir")
    assert len([*(tmp_path / "fhir").glob("*/bundle.json")]) == 11


def test_a_spoilt_overlay_of_a_camp_is_named_wherever_it_lacks(inbox, tmp_path):
    there = copied(inbox, tmp_path / "camp")
    data = there.with_name("inbox-station")
    with closing(CampStore(data)) as store:
        number = next(each for each, p in store.camp.photos.items() if p.path == "K-17_OS.jpg")
        file = store.picture(number, "overlay")
    spoilt = bytearray(file.read_bytes())
    spoilt[5000] ^= 4
    file.write_bytes(spoilt)
    told = export(there, tmp_path / "stick")
    assert told.exit_code == 1
    folder = next((tmp_path / "stick").glob("*-K-17"))
    name = f"overlay-{number:06}-left.jpg"
    assert f"Error: {folder.name}/{name}: left out, as they are gone or damaged" in told.stderr
    lack = f"{folder.name}: the evidence over photo {number} is gone or damaged at the station"
    readme = (tmp_path / "stick" / "README.txt").read_text("utf-8")
    assert told.stderr.count(f"photo {number}") == 0  # what lacks is said once
    assert told.stderr.count(name) == 1
    assert lack in readme.partition("NOT IN DICOM OR FHIR")[2]
    assert f"{folder.name}/{name}" in readme
    assert not (folder / name).exists()
    assert not [*(folder / DICOM).glob(f"overlay-{number:04}-*")]


def test_reports_that_cant_be_used_are_named_and_the_others_go_on(inbox, tmp_path):
    folder = tmp_path / "stick"
    run("station", "export", folder, "--inbox", inbox, "--originals")
    first, second, third = (next(folder.glob(f"*-{name}")) for name in ("K-17", "W9", "M-5"))
    raw = json.loads((first / "report.json").read_bytes())
    (first / "report.json").write_text(json.dumps({**raw, "report": None}))
    (second / "report.json").write_text("{")
    next(third.glob("original-*")).write_bytes(b"another one")
    asked = ForHospital(has_dicom=True, has_fhir=True)
    lacks, *_ = add_hospital_files(folder, asked, texts("es", TEXTS), keeps_originals=False)
    said = {each.key: each.told(texts("en", TEXTS)) for each in lacks}
    assert said.keys() == {
        f"export.lack.{key}" for key in ("model", "refused", "dicom", "gone", "patients")
    }
    assert "0001-K-17: another model than the one at work" in said["export.lack.model"]
    assert "report.json" in said["export.lack.refused"]
    assert f"{third.name}: no DICOM: {third.name}/original-" in said["export.lack.dicom"]
    assert not any(str(tmp_path) in each for each in said.values())
    assert not (third / DICOM).exists()
    assert (third / "bundle.json").is_file()
    assert "NO ESTÁ EN DICOM NI EN FHIR" in (folder / "README.txt").read_text("utf-8")
    listed = (folder / "SHA256SUMS").read_text("utf-8")
    assert "original-" not in listed
    assert f"{third.name}/dicom" not in listed


def test_an_id_that_two_hospitals_gave_is_one_persons_in_a_record(exported, people, tmp_path):
    folder = shutil.copytree(exported[0], tmp_path / "stick")
    other = shutil.copytree(folder / people["Ñandú-7"].name, folder / "0099-other")
    raw = json.loads((other / "report.json").read_text().replace('"issuer": "H"', '"issuer": "G"'))
    (other / "report.json").write_text(json.dumps({**raw, "given_id": "other"}))
    for each in folder.glob("*/bundle.json"):
        each.unlink()
    for system, found in (("", 12), (URI, 11)):
        asked = ForHospital(has_dicom=False, has_fhir=True, system=system)
        lacks, *_ = add_hospital_files(folder, asked, texts("en", TEXTS), keeps_originals=True)
        assert len([*folder.glob("*/bundle.json")]) == found
        assert ("0099-other: another person here has this ID" in str(
            [each.told(texts("en", TEXTS)) for each in lacks]
        )) == bool(system)  # fmt: skip
        for each in folder.glob("*/bundle.json"):
            each.unlink()


def test_the_schema_of_the_report_says_that_an_id_is_shared(people):
    schema = json.loads((ROOT / "docs" / "schemas" / "camp-person.schema.json").read_text("utf-8"))
    shared = {}
    for name, folder in people.items():
        raw = json.loads((folder / "report.json").read_bytes())
        jsonschema.Draft202012Validator(schema).validate(raw)
        shared[name] = raw["given_id_is_shared"]
    assert {name for name, each in shared.items() if each} == {"S-1", "s_1"}
