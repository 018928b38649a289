"""What is said of a person in codes: all that the report says, and never a guessed eye."""

import itertools
import re
from typing import get_args

import msgspec
import pytest
from pydicom.sr import _concepts_dict

from edge_runtime.contract import DISCLAIMER
from edge_runtime.exchange import codes
from edge_runtime.exchange.codes import Code, class_code
from edge_runtime.exchange.statements import Statement
from edge_runtime.explain.zones import ZONES
from edge_runtime.hospital.facts import DoubtKind
from edge_runtime.results.structured_report import Caution, QualityStatement
from tests.edge_runtime.exchange.reports import facts, full, plain, report_of, said_of, told
from tests.edge_runtime.results.records import ungradable, unreadable


def constants():
    """List every code of the table."""
    found = {}
    for name, value in vars(codes).items():
        if isinstance(value, Code):
            found[name] = value
        elif hasattr(value, "items") and name.isupper():
            parts = value.items()
            found |= {f"{name}.{key}": each for key, each in parts if isinstance(each, Code)}
    return found


def test_every_code_fits_into_dicom_and_none_stands_for_two_things():
    table = constants()
    assert len(table) > 60
    for name, code in table.items():
        assert 0 < len(code.value) <= 16, name
        assert 0 < len(code.meaning) <= 64, name
        assert code.meaning.isascii(), name
        assert "\\" not in code.value + code.meaning, name
        assert code.system
    keys = [(code.scheme, code.value) for code in table.values()]
    assert len(set(keys)) == len(keys)


def test_public_codes_are_those_of_the_standard():
    known = {
        (scheme, value, meaning.casefold().removesuffix(" (attribute)"))
        for scheme, words in _concepts_dict.concepts.items()
        for found in words.values()
        for value, (meaning, _) in found.items()
    }
    checked = [code for code in constants().values() if code.scheme in ("DCM", "SCT", "UCUM")]
    assert len(checked) > 20
    for code in checked:
        assert (code.scheme, code.value, code.meaning.casefold()) in known


def test_each_word_of_the_report_has_a_code():
    assert codes.ZONE_CODES.keys() == ZONES.keys()
    kinds = msgspec.structs.fields(Caution)[0].type
    assert set(get_args(kinds)) == codes.CAUTIONS.keys()
    assert set(get_args(DoubtKind)) == codes.DOUBTS.keys()
    statuses = get_args(msgspec.structs.fields(QualityStatement)[0].type)
    assert {*statuses, "unchecked"} == codes.QUALITIES.keys()


@pytest.mark.parametrize(
    "name", ["normal", "A" * 200, "a\\b", "<b>\n", "", " ", "ü" * 70, "healthy", "x\0y"]
)
def test_a_class_without_a_public_code_has_a_private_one_whatever_it_is_called(name):
    code = class_code(name)
    assert code.scheme == "99FUNDUSEDGE"
    assert re.fullmatch(r"class-[a-z0-9_-]{1,10}", code.value)
    assert 0 < len(code.meaning) <= 64
    assert code.meaning.isprintable()
    assert "\\" not in code.meaning
    assert code not in constants().values()


def test_two_classes_have_two_codes():
    names = ["a", "A", "a b", "a_b", "cataract", "Cataract", "x" * 60, "x" * 61]
    assert len({class_code(name).value for name in names}) == len(names)


def test_all_that_the_report_says_of_a_graded_photo_is_said():
    said = said_of(full())
    (eye,) = said.eyes
    (photo,) = eye.photos
    (of_report,) = report_of(full()).eyes[0].photos
    lines = told(photo)
    assert (eye.eye, eye.laterality.value) == ("right", "24028007")
    assert ("111101", "graded") in lines
    assert ("read-as", "brightened from 12 bits") in lines
    assert ("121071", "23986001") in lines
    for found in of_report.findings:
        code = class_code(found.class_name).value
        assert ("probability", code, found.probability) in lines
    assert ("referral", "no-referral") in lines
    assert ("referral-score", of_report.referral.score) in lines
    assert ("referral-limit", of_report.referral.threshold) in lines
    assert ("referral-why", "because") in lines
    assert ("familiarity", 0.01) in lines
    assert ("strangeness", 0.9) in lines
    assert ("caution", "outside") in lines
    assert ("caution", "unfamiliar") in lines
    (evidence,) = of_report.evidence
    assert ("evidence", "23986001", 1.2345) in lines
    assert ("evidence-outside", "23986001", 0.7) in lines
    for zone, share in evidence.zones.items():
        assert ("evidence-in-zone", "23986001", codes.ZONE_CODES[zone].value, share) in lines
    assert ("evidence-text", "23986001", evidence.in_words) in lines
    (overlay,) = photo.overlays
    assert (overlay.class_name, overlay.file) == ("glaucoma", "overlays/0001-a.jpg")
    assert not any("side-doubt" in line[0] for line in lines)


def test_what_holds_for_all_of_it_is_said_with_the_disclaimer_first():
    report, said = report_of(full()), said_of(full())
    lines = [
        (each.concept.value, *(one.value.value for one in each.qualifiers), plain(each.value))
        for each in said.general
    ]
    assert lines[0] == ("disclaimer", DISCLAIMER)
    assert said.disclaimer == DISCLAIMER
    assert ("bundle-identity", "1" * 64) in lines
    assert ("precision", "int8") in lines
    assert ("scope-limits", report.scope.limits) in lines
    for name, each in report.model.thresholds.classes.items():
        assert ("threshold", class_code(name).value, each.threshold) in lines
    assert [line[-1] for line in lines if line[0] == "scope-class"] == [
        class_code(name).value for name in report.scope.classes
    ]
    assert ("healthy-class", "class-normal") in lines


@pytest.mark.parametrize(
    ("record", "status", "why"),
    [
        (ungradable("P1_OD.jpg"), "ungradable", "the photo is too dark"),
        (unreadable("home/Doe Jane/P1_OD.jpg"), "unreadable", "the JPEG file is truncated"),
    ],
)
def test_a_photo_without_a_class_says_why_and_nothing_more(record, status, why):
    (photo,) = said_of(record).photos
    assert told(photo) == [("111101", status), ("quality-reason", why)]


def test_without_the_gate_it_is_said_that_nobody_checked(monkeypatch):
    report = report_of(full())
    photo = report.eyes[0].photos[0]
    unchecked = msgspec.structs.replace(
        photo, quality=msgspec.structs.replace(photo.quality, gate=False)
    )
    eye = msgspec.structs.replace(report.eyes[0], photos=(unchecked,))
    from edge_runtime.exchange.state import statements_of

    (said,) = statements_of(msgspec.structs.replace(report, eyes=(eye,)), {}).photos
    assert ("111101", "unchecked") in told(said)


@pytest.mark.parametrize("disc", ["right", "left", None])
@pytest.mark.parametrize("name", ["right", "left", None])
@pytest.mark.parametrize("word", ["R", "L", "", "B", "R\\L", "X", "r", None])
def test_no_eye_is_guessed(word, name, disc):
    path = {"right": "P1_OD.jpg", "left": "P1_OS.jpg", None: "P1.jpg"}[name]
    dicom = None if word is None else facts(word, in_name=name, by_disc=disc)
    (eye,) = said_of(full(path, disc=disc, dicom=dicom, text="x")).eyes
    told_by = name if word is None else {"R": "right", "L": "left"}.get(word)
    contradicted = any(each not in (None, told_by) for each in (name, disc))
    expected = None if told_by is None or contradicted else told_by
    assert eye.eye == expected
    assert (eye.laterality is None) == (expected is None)
    said = {line[0] for line in told(eye.photos[0])}
    assert {"side-doubt", "side-doubt-text"} <= said or expected


def test_both_eyes_come_right_first_and_photos_of_unknown_eyes_last():
    records = [full("P1_OS.jpg"), full("P1_OD.jpg"), full("P1.jpg", disc="left")]
    said = said_of(*records)
    assert [eye.eye for eye in said.eyes] == ["right", "left", None]
    assert all(photo.eye == eye.eye for eye in said.eyes for photo in eye.photos)
    assert sorted(photo.number for photo in said.photos) == [1, 2, 3]


def test_the_patient_is_that_of_the_dicom_files_and_nobody_where_they_name_nobody():
    known = said_of(full(dicom=facts(patient="Ñ-7"))).patient
    assert (known.identifier, known.issuer, known.is_dicom) == ("Ñ-7", "H", True)
    nobody = said_of(full(dicom=facts(patient="ANONYMOUS")), named=False).patient
    assert not nobody.is_known
    by_name = said_of(full(), person="a\\b\nc" + "x" * 99).patient
    assert not by_name.is_dicom
    assert len(by_name.identifier) <= 64
    assert "\\" not in by_name.identifier
    assert by_name.identifier.isprintable()


def test_an_object_without_true_uids_is_no_image():
    for bad in ("", "abc", "1..2", "1.02", "1." * 40 + "1", "1.2\n"):
        changed = msgspec.structs.replace(facts(), sop_instance_uid=bad)
        (photo,) = said_of(full(dicom=changed)).photos
        assert photo.image is None, bad
    (photo,) = said_of(full(dicom=facts(frame=2))).photos
    assert (photo.image.sop_instance_uid, photo.image.frame) == ("1.2.3", 2)
    assert photo.acquired == "2024-01-31T10:11:12"


def test_no_folder_and_no_name_of_a_file_is_in_a_statement():
    records = [full("home/Doe Jane/Doe_OD.jpg"), unreadable("home/Doe Jane/Doe_OS.jpg")]
    said = said_of(*records)
    texts = [
        str(plain(each.value))
        for each in itertools.chain(said.general, *(photo.statements for photo in said.photos))
    ]
    assert not any("Doe" in text or "home" in text for text in texts)
    assert all(isinstance(each, Statement) for each in said.general)
