"""An export without names has nothing that tells of a person of the camp, and all else."""

import csv
import io
import json
import subprocess
from contextlib import closing
from datetime import date, timedelta

import cv2
import jsonschema
import numpy as np
import pytest
import simplejpeg
from click.testing import CliRunner
from make_fundus import draw_fundus
from msgspec.structs import replace

from edge_runtime.commands.main import main
from edge_runtime.exchange.deidentify.pseudonyms import Pseudonyms
from edge_runtime.exchange.deidentify.reports import NO_TIME
from edge_runtime.hospital.facts import DicomFacts, with_eye
from edge_runtime.station import at_work
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import (
    ConsentTold,
    EyeTold,
    FollowedUp,
    OperatorAtCamera,
    PersonDescribed,
    PersonExpected,
    PersonReferred,
    ResultOverridden,
    RetakeAsked,
)
from edge_runtime.station.orders import Order
from tests.conftest import ROOT
from tests.edge_runtime.exchange.deidentify.planted import found_below, found_in
from tests.edge_runtime.results.records import graded, ungradable
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.web.served import served

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "camp-person.schema.json").read_text("utf-8"))
TEXT = "Zyxwv 4815162342"


def named_photo(number):
    """Draw a photograph with a name beside the eye."""
    photo = np.ascontiguousarray(draw_fundus("normal", seed=number, size=(480, 640)))
    cv2.putText(photo, "ZYXWV", (6, 28), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (255, 255, 255), 2)
    return simplejpeg.encode_jpeg(photo, quality=95)


def come(store, called):
    """Let a person come of whom everything is told that can be."""
    number = store.next_person()
    pictures = ("photo", "overlay", "small")
    added(store, f"{TEXT}/{called}_{number}_OD.jpg", 0.9, pictures=pictures)
    record = ungradable(f"{TEXT}_OS.jpg")
    added(store, f"{TEXT}_{number}_OS.jpg", person=number, record=record, pictures=pictures)
    first, second = (each.photo.number for each in store.camp.of(number))
    for photo in (first, second):
        for name in pictures:
            store.picture(photo, name).write_bytes(named_photo(photo))
    store.happen(
        OperatorAtCamera(f"Dr. {TEXT}"),
        PersonExpected(number, "", TEXT, TEXT, 1953, (Order(*5 * [TEXT]),)),
        PersonDescribed(number, called, TEXT, 1953),
        ResultOverridden(first, "refer", f"{TEXT} says so"),
        RetakeAsked(second, TEXT),
        PersonReferred(number, f"Clinic {TEXT}", "1953-04-17"),
        ConsentTold(number, True, TEXT),
        FollowedUp(number, True, TEXT),
        EyeTold(second, "left"),
        by=TEXT,
    )
    return number


@pytest.fixture
def data(tmp_path):
    """Give a camp that no station has open."""
    (tmp_path / "camp").mkdir()
    with closing(CampStore(tmp_path / "camp" / "data")) as store:
        come(store, f"Zyxwv-{17}")
        come(store, "")
        come(store, "")
    return tmp_path / "camp" / "data"


@pytest.fixture
def at_work_on(tmp_path):
    """Give one that a station has open."""
    (tmp_path / "camp").mkdir()
    with served(tmp_path / "camp") as client:
        for called in ("Zyxwv-17", "", ""):
            come(client.station.store, called)
        at_work.say_where(tmp_path / "camp" / "data", f"http://127.0.0.1:{client.port}/")
        yield client.station.store.folder


def export(data, tmp_path, *options, out="stick"):
    known = ["--pseudonyms", tmp_path / "secret" / "pseudonyms.json"]
    given = ["station", "export", tmp_path / out, "--data", data, "--deidentify", *known, *options]
    return CliRunner().invoke(main, [*map(str, given)])


def reports_in(folder):
    return {each.parent.name: json.loads(each.read_text()) for each in folder.glob("*/report.json")}


@pytest.mark.parametrize("whose", ["data", "at_work_on"])
@pytest.mark.parametrize("options", [[], ["--move-dates", "--language", "es"]])
def test_no_identifier_is_found_in_an_export_without_names(whose, tmp_path, request, options):
    folder = request.getfixturevalue(whose)
    result = export(folder, tmp_path, *options)
    assert result.exit_code == 0, result.output
    assert "stick: 3 people. Check it with" in result.output
    assert found_below(tmp_path / "stick") == {}
    assert found_in((tmp_path / "secret" / "pseudonyms.json").read_bytes())
    assert not [*folder.glob(".*partial*")]  # what lay there meanwhile is gone
    subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"],  # noqa: S607
        cwd=tmp_path / "stick", check=True,
    )  # fmt: skip
    people = reports_in(tmp_path / "stick")
    assert len(people) == 3
    for report in people.values():
        jsonschema.Draft202012Validator(SCHEMA).validate(report)


def test_the_search_finds_them_in_the_export_with_names(data, tmp_path):
    given = ["station", "export", tmp_path / "named", "--data", data]
    assert CliRunner().invoke(main, [*map(str, given)]).exit_code == 0
    assert len(found_below(tmp_path / "named")) > 5


def test_what_the_model_and_people_decided_stays(data, tmp_path):
    export(data, tmp_path)
    for called, report in reports_in(tmp_path / "stick").items():
        assert (report["given_id"], report["name"], report["birth_year"]) == (called, "", None)
        assert report["history"] == []
        assert report["advice"] == "refer"
        assert report["referral"]["went"] is True
        assert report["referral"]["place"] == report["referral"]["contact"] == ""
        assert report["referral"]["day"] == ""  # rather than one that nobody gave
        assert [each["days"] for each in report["visits"]] == [[NO_TIME[:10]]]
        first, second = report["photos"]
        assert [first["number"], second["number"]] == [1, 2]
        assert (first["decision"], second["decision"]) == ("refer", "retake")
        assert (first["operator"], first["decision_reason"]) == ("", "")
        assert first["record"]["class"] == "glaucoma"
        assert first["file"] == first["record"]["path"] == f"{called}_OD_1.jpg"
        assert first["arrived"] == report["since"] == report["said_last"] == NO_TIME
        assert report["eyes"]["right"]["photo"] == 1
        assert "not a validated diagnostic tool" in report["disclaimer"]
    text = (tmp_path / "stick" / "camp.csv").read_bytes().decode("utf-8-sig")
    rows = [*csv.DictReader(io.StringIO(text))]
    assert len(rows) == 6
    assert {row["given_id"] for row in rows} == {*reports_in(tmp_path / "stick")}
    for row in rows:
        assert row["name"] == row["contact"] == row["decision_reason"] == row["taken_by"] == ""
        assert row["disclaimer"]
        assert (row["visit"], row["referral_day"]) == (NO_TIME[:10], "")


def test_days_that_were_moved_are_days(data, tmp_path):
    export(data, tmp_path, "--move-dates")
    for report in reports_in(tmp_path / "stick").values():
        of_visits = [day for each in report["visits"] for day in each["days"]]
        told = [report["referral"]["day"], *of_visits]
        assert [str(date.fromisoformat(each)) for each in told] == told
        assert "1953-04-17" not in told


def test_pictures_that_somebody_looked_at_are_black_beside_the_eye_and_as_they_were_in_it(
    data, tmp_path
):
    result = export(data, tmp_path, "--looked-at")
    assert "shown black" not in result.stderr
    assert "Somebody looked" in (tmp_path / "stick" / "README.txt").read_text()
    pictures = sorted((tmp_path / "stick").glob("*/*.jpg"))
    assert {each.name.partition("-")[0] for each in pictures} == {"photo", "overlay"}
    assert len(pictures) == 12
    for each in pictures:
        picture = simplejpeg.decode_jpeg(each.read_bytes())
        assert picture[:34, :110].max() < 30
        if each.name.startswith("photo"):
            assert picture[200:280, 280:360].mean() > 40
    named = simplejpeg.decode_jpeg(named_photo(1))
    assert named[:34, :110].max() > 200


@pytest.mark.parametrize("whose", ["data", "at_work_on"])
def test_nothing_is_shown_of_pictures_in_whose_field_a_name_may_stand(whose, tmp_path, request):
    result = export(request.getfixturevalue(whose), tmp_path)
    assert "6 pictures are shown black, as nobody says that no text stands in them" in result.stderr
    assert "then say --looked-at" in result.stderr
    pictures = sorted((tmp_path / "stick").glob("*/*.jpg"))
    assert len(pictures) == 12
    for each in pictures:
        assert simplejpeg.decode_jpeg(each.read_bytes())[:480].max() < 10
    said = (tmp_path / "stick" / "README.txt").read_text()
    assert "A picture is all black where nobody says that no name stands in it" in said


def test_a_picture_whose_file_says_that_no_text_stands_in_it_is_shown(tmp_path):
    facts = DicomFacts("1.2.840.10008.5.1.4.1.1.77.1.5.1", patient_id="7", laterality="R")
    facts = with_eye(facts, in_name=None, by_disc=None)
    (tmp_path / "camp").mkdir()
    with closing(CampStore(tmp_path / "camp" / "data")) as store:
        for number, says_so in enumerate((True, False), 1):
            dicom = replace(facts, has_no_text=says_so)
            record = replace(graded(f"{number}.dcm"), dicom=dicom)
            added(store, f"{number}.dcm", record=record, pictures=("photo",))
            store.picture(number, "photo").write_bytes(named_photo(number))
    result = export(tmp_path / "camp" / "data", tmp_path)
    assert "1 picture is shown black" in result.stderr
    light = [
        simplejpeg.decode_jpeg(each.read_bytes()).max() > 100
        for each in (tmp_path / "stick").glob("*/*.jpg")
    ]
    assert sorted(light) == [False, True]


def test_a_photo_without_a_field_is_left_out(data, tmp_path):
    with closing(CampStore(data)) as store:
        noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)
        store.picture(1, "photo").write_bytes(simplejpeg.encode_jpeg(noise))
        store.picture(2, "photo").write_bytes(b"no jpeg")
    result = export(data, tmp_path)
    assert (result.exit_code, "damaged" in result.stderr) == (1, True)
    assert len([*(tmp_path / "stick").glob("*/*.jpg")]) == 8


def test_the_same_person_has_one_pseudonym_in_each_export_and_camps_arent_mixed(data, tmp_path):
    export(data, tmp_path)
    export(data, tmp_path, out="again")
    assert reports_in(tmp_path / "stick").keys() == reports_in(tmp_path / "again").keys()
    known = Pseudonyms.of_file(tmp_path / "secret" / "pseudonyms.json")
    assert {each.identity for each in known.people.values()} == {"Zyxwv-17", "#2", "#3"}
    assert all(each.issuer for each in known.people.values() if each.identity[0] == "#")


def test_two_persons_of_one_number_have_two_pseudonyms(data, tmp_path):
    with closing(CampStore(data)) as store:
        store.happen(PersonDescribed(2, "Zyxwv-17", "", None))
    export(data, tmp_path)
    assert len(reports_in(tmp_path / "stick")) == 3


def test_a_persons_dates_are_moved_by_the_same_days(data, tmp_path):
    export(data, tmp_path, "--move-dates")
    known = Pseudonyms.of_file(tmp_path / "secret" / "pseudonyms.json")
    with closing(CampStore(data)) as store:
        came = {person.since[:10] for person in store.camp.people.values()}
        arrived = {photo.arrived[:10] for photo in store.camp.photos.values()}
    for called, report in reports_in(tmp_path / "stick").items():
        days = timedelta(known.days(called))
        assert date.fromisoformat(report["referral"]["day"]) == date(1953, 4, 17) - days
        assert str(date.fromisoformat(report["since"][:10]) + days) in came
        assert str(date.fromisoformat(report["said_last"][:10]) + days) in came
        assert str(date.fromisoformat(report["photos"][0]["arrived"][:10]) + days) in arrived


def test_originals_and_a_key_on_the_stick_are_refused(data, tmp_path):
    given = ["station", "export", tmp_path / "s", "--data", data, "--looked-at"]
    assert "needs --deidentify" in CliRunner().invoke(main, [*map(str, given)]).stderr
    result = export(data, tmp_path, "--originals", "--inbox", tmp_path / "camp")
    assert result.exit_code == 2
    assert "leave out them or --deidentify" in result.stderr
    given = ["station", "export", tmp_path / "s", "--data", data, "--deidentify",
             "--pseudonyms", tmp_path / "s" / "k.json"]  # fmt: skip
    result = CliRunner().invoke(main, [*map(str, given)])
    assert result.exit_code == 1
    assert "kept apart" in result.stderr
    assert not (tmp_path / "s").exists()
