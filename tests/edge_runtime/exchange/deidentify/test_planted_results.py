"""Nothing that names, DICOM files or pictures tell of a person stands in results without names."""

import csv
import json
import shutil

import jsonschema
import pytest
from click.testing import CliRunner
from msgspec import UNSET
from pydicom import dcmread

from edge_runtime.commands.main import main
from edge_runtime.exchange.deidentify.pseudonyms import Pseudonyms
from edge_runtime.exchange.deidentify.reports import NO_TIME, Nameless
from edge_runtime.exchange.read_results import read_results
from edge_runtime.exchange.state import statements_of
from edge_runtime.system.codec import plain
from tests.conftest import ROOT
from tests.edge_runtime.exchange.deidentify.planted import found_below, found_in, pdfs_in, plant
from tests.edge_runtime.exchange.deidentify.test_profile import COMPLETE
from tests.edge_runtime.files import jpeg_with_exif
from tests.edge_runtime.hospital.objects import make, save
from tests.edge_runtime.hospital.test_wrap import judged

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "person.schema.json").read_text("utf-8"))
RECORD = json.loads((ROOT / "docs" / "schemas" / "record.schema.json").read_text("utf-8"))


@pytest.fixture
def photos(eye, jpeg, tmp_path):
    """A folder that tells of somebody wherever it can: JPEGs, DICOM files, one that is broken."""
    folder = tmp_path / "Zyxwv 4815162342"
    folder.mkdir()
    named = jpeg_with_exif(jpeg, 1, preview=b"Zyxwv 19530417")
    for name in ("Zyxwv_4815162342_OD", "Zyxwv_4815162342_OS", "Zyxwv"):
        (folder / f"{name}.jpg").write_bytes(named)
    (folder / "Zyxwv_broken.jpg").write_bytes(named[:2000])
    for number, (side, word) in enumerate((("OD", "R"), ("OS", "ZYXWV"), ("OI", "R"))):
        data = make(eye)
        plant(data)
        data.SOPInstanceUID = f"1.2.4815162342.{number}"
        data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.4815162342", "1.2.4815162342.9"
        data.ImageLaterality = word
        save(data, folder / f"Zyxwv_{side}.dcm")
    save(make(eye, PatientName="Zyxwv", NumberOfFrames=7), folder / "Zyxwv_cut.dcm")
    return folder


@pytest.mark.parametrize("options", [[], ["--class", "all", "--language", "es"]])
def test_no_identifier_is_found_in_results_without_names(predict, photos, tmp_path, options):
    plainly = predict(photos, "--out", tmp_path / "named")
    assert plainly.exit_code == 1  # of the broken one
    assert found_below(tmp_path / "named")
    known = tmp_path / "secret.json"
    result = predict(
        photos, "--out", tmp_path / "out", "--deidentify", "--pseudonyms", known, "--json", *options
    )
    assert found_below(tmp_path / "out") == {}
    assert not found_in(result.stdout.encode())
    assert found_in(known.read_bytes())  # which leads back
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(records) == len(read_lines(tmp_path / "named"))
    for record in records:
        jsonschema.Draft202012Validator(RECORD).validate(record)
    for file in (tmp_path / "out" / "people").glob("*.json"):
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(file.read_text()))


def read_lines(folder):
    return (folder / "results.jsonl").read_text("utf-8").splitlines()


def test_results_are_those_of_the_named_run_but_for_whose_they_are(predict, photos, tmp_path):
    predict(photos, "--out", tmp_path / "named")
    predict(photos, "--out", tmp_path / "out", "--deidentify")
    for before, after in zip(read_lines(tmp_path / "named"), read_lines(tmp_path / "out"),
                             strict=True):  # fmt: skip
        one, other = json.loads(before), json.loads(after)
        for key in ("status", "class", "confidence", "probabilities", "logits", "referral"):
            assert one.get(key) == other.get(key)
        if "dicom" in one:
            assert one["dicom"].get("eye") == other["dicom"].get("eye")
            assert other["dicom"]["patient_id"].startswith("P")
            assert "acquired" not in other["dicom"]
    with (tmp_path / "out" / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        assert all(row["disclaimer"] for row in csv.DictReader(file))


def test_both_eyes_stay_one_person_and_pseudonyms_are_those_of_the_dicom_files(
    predict, deidentify, photos, eye, tmp_path
):
    known = tmp_path / "secret" / "pseudonyms.json"
    save(make(eye, **{**COMPLETE, "PatientID": "P7"}), photos / "one.dcm")
    predict(photos, "--out", tmp_path / "out", "--deidentify", "--pseudonyms", known)
    people = {each.stem for each in (tmp_path / "out" / "people").glob("*.json")}
    reports = [
        json.loads((tmp_path / "out" / "people" / f"{each}.json").read_text()) for each in people
    ]
    assert sorted(len(each["eyes"]) for each in reports)[-1] == 2
    deidentify(photos / "one.dcm", out="files")
    (folder,) = (tmp_path / "files").iterdir()
    assert folder.name in people
    assert Pseudonyms.of_file(known).people[folder.name].identity == "P7"


def test_one_name_in_two_folders_is_two_persons(predict, jpeg, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / "in" / folder).mkdir(parents=True)
        (tmp_path / "in" / folder / "1_OD.jpg").write_bytes(jpeg)
    predict(tmp_path / "in", "--out", tmp_path / "out", "--deidentify")
    assert len([*(tmp_path / "out" / "people").glob("*.json")]) == 2


def test_the_same_person_has_one_pseudonym_in_each_run(predict, jpeg, tmp_path):
    known, found = tmp_path / "secret.json", []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "Ana-1_OD.jpg").write_bytes(jpeg)
        predict(tmp_path / folder, "--out", tmp_path / f"out-{folder}", "--deidentify",
                "--pseudonyms", known)  # fmt: skip
        found += [each.stem for each in (tmp_path / f"out-{folder}" / "people").glob("*.json")]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--pseudonyms", "k.json"], "need --deidentify"),
        (["--looked-at"], "--looked-at needs --deidentify"),
        (["--deidentify", "--resume"], "--resume can't find again what --deidentify wrote"),
    ],
)
def test_options_that_make_no_sense_together_are_refused(predict, photos, tmp_path, options, said):
    result = predict(photos, "--out", tmp_path / "out", *options)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (tmp_path / "out").exists()


def test_the_key_may_not_lie_in_the_results_or_with_the_photos(predict, photos, tmp_path):
    for place in (tmp_path / "out" / "k", photos / "k"):
        result = predict(photos, "--out", tmp_path / "out", "--deidentify", "--pseudonyms", place)
        assert result.exit_code == 1
        assert "kept apart" in result.stderr
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("moves_dates", [False, True])
def test_reports_for_sr_and_fhir_come_without_whose_they_are(
    predict, photos, people, tmp_path, moves_dates
):
    predict(photos, "--out", tmp_path / "named")
    nameless = Nameless(people, moves_dates)
    all_said = ""
    for person in read_results(tmp_path / "named"):
        made = nameless.results(person)
        text = json.dumps([plain(made.report), [plain(each) for each in made.facts.values()],
                           made.file, [*map(str, made.sources.values())], [*made.sha256.values()],
                           plain(statements_of(made.report, made.facts))])  # fmt: skip
        assert not found_in(text.encode())
        assert made.report.person == made.file == nameless.person(person.report, person.facts)
        times = {each.time for eye in made.report.eyes for each in eye.photos}
        assert (times == {NO_TIME}) != moves_dates
        assert not {person.report.time} & {*times, made.report.time}
        assert [photo.predicted for eye in made.report.eyes for photo in eye.photos] == [
            photo.predicted for eye in person.report.eyes for photo in eye.photos
        ]
        all_said += text
    assert "overlays/" not in all_said


def test_records_come_without_whose_they_are(predict, photos, people):
    from edge_runtime.predict.record import from_json, to_json

    nameless = Nameless(people)
    lines = predict(photos, "--json").stdout.splitlines()
    assert any(found_in(line.encode()) for line in lines)
    for number, line in enumerate(lines):
        record = from_json(line)
        made = nameless.record(record, "P0", number, None)
        assert not found_in(to_json(made).encode())
        assert (made.dicom is UNSET) == (record.dicom is UNSET)


def test_a_copy_of_a_photo_elsewhere_changes_nothing(predict, photos, tmp_path):
    shutil.copytree(photos, tmp_path / "elsewhere")
    known = tmp_path / "k.json"
    for place, out in ((photos, "a"), (tmp_path / "elsewhere", "b")):
        predict(place, "--out", tmp_path / out, "--deidentify", "--pseudonyms", known)
    names = [{each.name for each in (tmp_path / out / "people").glob("P*_*.json")} for out in "ab"]
    assert names[0] != names[1]  # of those that nothing tells, by where they lay
    named = [{each.stem for each in (tmp_path / out / "people").glob("*.json")} for out in "ab"]
    assert named[0] & named[1]


@pytest.mark.parametrize("command", ["dicom", "fhir"])
@pytest.mark.parametrize("named", [True, False])
def test_reports_without_names_have_no_identifier(predict, photos, tmp_path, command, named):
    known = ["--pseudonyms", tmp_path / "k.json"]
    predict(photos, "--out", tmp_path / "in", *([] if named else ["--deidentify", *known]))
    given = [command, "report", tmp_path / "in", "--out", tmp_path / "out", "--deidentify", *known]
    result = CliRunner().invoke(main, [*map(str, given)])
    assert result.exit_code == 0, result.output
    assert found_below(tmp_path / "out") == {}
    made = [*(tmp_path / "out").rglob("*.dcm" if command == "dicom" else "*.json")]
    people = {each.stem for each in (tmp_path / "in" / "people").glob("*.json")}
    assert len(made) == len(people) * (2 if command == "dicom" else 1)
    assert sum(map(len, map(pdfs_in, (each.read_bytes() for each in made)))) == len(people)
    if command == "dicom":
        assert all(judged(each) == [] for each in made)
        ids = {dcmread(each).PatientID for each in made}
        assert ids == {each.parent.name for each in made}


@pytest.mark.parametrize("command", ["dicom", "fhir"])
def test_the_search_finds_them_in_the_pdfs_of_reports_with_names(
    predict, photos, tmp_path, command
):
    predict(photos, "--out", tmp_path / "in")
    given = [command, "report", tmp_path / "in", "--out", tmp_path / "out"]
    CliRunner().invoke(main, [*map(str, given)])
    made = [each.read_bytes() for each in (tmp_path / "out").rglob("*.*") if each.is_file()]
    pdfs = [pdf for each in made for pdf in pdfs_in(each)]
    assert pdfs
    assert all(found_in(each) for each in pdfs)
