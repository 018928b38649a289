"""After a new start of the computer at noon, the morning's visit of the date is exported too."""

import csv
import io
import json
import subprocess
from types import SimpleNamespace

import msgspec
import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.predict.record import BundleIdentity, ModelIdentity
from edge_runtime.station import camp_store
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import (
    ComputerStarted,
    PersonCalled,
    PersonDescribed,
    ResultOverridden,
    VisitGoesOn,
)
from edge_runtime.station.papers.camp_folder import NAMES, person_in, visit_in
from edge_runtime.station.web import pages
from edge_runtime.station.web.day_page import day_page
from tests.edge_runtime.results.records import ungradable
from tests.edge_runtime.station.camps import WHEN, added, jpeg
from tests.edge_runtime.station.papers.slips import PICTURES, station_of

DAY = f"{WHEN:%Y-%m-%d}"


@pytest.fixture
def camp(store, intake, classifier, monkeypatch):
    """A person who is to be referred by the morning, and not by the afternoon of one date.

    Another one was there in the morning alone.
    """
    monkeypatch.setattr(camp_store, "now", lambda: WHEN)
    own = ModelIdentity(classifier.session.name, "int8", "0" * 64, ("CPU",), "passed")
    bundle = BundleIdentity("b", classifier.bundle.identity)

    def come(name, decision, person):
        record = msgspec.structs.replace(ungradable(name), model=own, bundle=bundle)
        known = person if person in store.camp.people else None
        photo = added(store, name, person=known, record=record, pictures=PICTURES)
        for picture in PICTURES:
            store.picture(photo, picture).write_bytes(jpeg(photo))
        store.happen(ResultOverridden(photo, decision, "seen by the doctor"))

    come("1_OD.jpg", "refer", 1)
    come("1_OS.jpg", "no-referral", 1)
    come("2_OD.jpg", "no-referral", 2)
    store.happen(PersonDescribed(1, "5"), PersonDescribed(2, "6"), ComputerStarted())
    come("3_OD.jpg", "no-referral", 1)
    come("3_OS.jpg", "no-referral", 1)
    return SimpleNamespace(store=store, station=station_of(store, intake, classifier))


def export(camp, tmp_path, *asked):
    camp.store.close()
    folder = tmp_path / "stick"
    ran = CliRunner().invoke(
        main, ["station", "export", str(folder), "--data", f"{tmp_path}/data", *asked]
    )
    assert ran.exit_code == 0, ran.output
    subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"],  # noqa: S607
        cwd=folder, check=True,
    )  # fmt: skip
    found = sorted(each.name for each in folder.iterdir() if each.is_dir())
    return folder, found, ran


def told(folder):
    report = json.loads((folder / "report.json").read_bytes())
    return report["advice"], [each["number"] for each in report["photos"]]


def test_each_visit_of_the_date_has_a_folder_of_its_own(camp, tmp_path):
    folder, found, ran = export(camp, tmp_path, "--day", DAY)
    assert found == ["0001.1-5", "0001.2-5", "0002-6"]
    assert "stick: 2 people." in ran.stdout
    assert "0001.1-5, 0001.2-5: the date came again, as the computer was started" in ran.stderr
    assert told(folder / "0001.1-5") == ("refer", [1, 2])
    assert told(folder / "0001.2-5") == ("no-referral", [4, 5])
    for each in found:
        assert all(NAMES.fullmatch(f"{each}/{file.name}") for file in (folder / each).iterdir())
    readme = (folder / "README.txt").read_text("utf-8")
    assert "THERE SEVERAL TIMES THAT DAY" in readme
    assert readme.rstrip().endswith("0001.1-5\n  0001.2-5")
    table = [*csv.DictReader(io.StringIO((folder / "camp.csv").read_text("utf-8-sig")))]
    assert [(each["visit"], each["person_advice"]) for each in table] == [
        (DAY, "refer"), (DAY, "refer"), (f"{DAY} (2)", "no-referral"),
        (f"{DAY} (2)", "no-referral"), (DAY, "incomplete"),
    ]  # fmt: skip


def test_a_hospital_gets_a_study_and_a_bundle_of_each(camp, tmp_path):
    asked = "--fhir", "--issuer", "Camp 7", "--patients", "urn:camp:7"
    folder, found, ran = export(camp, tmp_path, "--day", DAY, *asked)
    assert "another person here has this ID" not in ran.stderr
    bundles = [json.loads((folder / each / "bundle.json").read_bytes()) for each in found]
    reports, patients = [], []
    for each in bundles:
        by_kind = {entry["resource"]["resourceType"]: entry["resource"] for entry in each["entry"]}
        reports.append(by_kind["DiagnosticReport"]["identifier"][0]["value"])
        patients.append(by_kind["Patient"]["identifier"][0]["value"])
    assert len({*reports}) == 3
    assert patients[0] == patients[1] != patients[2]


def test_without_names_a_person_of_two_visits_has_one_pseudonym(camp, tmp_path):
    secret = tmp_path / "secret" / "camp.json"
    secret.parent.mkdir(mode=0o700)
    folder, found, ran = export(
        camp, tmp_path, "--day", DAY, "--deidentify", "--pseudonyms", str(secret)
    )
    assert len(found) == 3
    assert len({person_in(each) for each in found}) == 2
    assert sorted(map(visit_in, found)) == ["", ".1", ".2"]
    assert "stick: 2 people." in ran.stdout
    assert "People: 2." in (folder / "README.txt").read_text("utf-8")
    called = {
        json.loads((folder / each / "report.json").read_bytes())["given_id"] for each in found
    }
    assert called == {person_in(each) for each in found}


def test_a_visit_that_goes_on_has_one_folder(camp, tmp_path):
    camp.store.happen(VisitGoesOn(1, DAY, f"{DAY}.2"))
    folder, found, ran = export(camp, tmp_path, "--day", DAY)
    assert found == ["0001-5", "0002-6"]
    assert told(folder / "0001-5")[1] == [1, 2, 4, 5]
    assert "came again" not in ran.stderr
    assert "SEVERAL" not in (folder / "README.txt").read_text("utf-8")


def test_a_visit_that_has_only_begun_takes_the_place_of_none(camp, tmp_path):
    camp.store.happen(ComputerStarted(), PersonCalled(2))
    folder, found, _ = export(camp, tmp_path, "--day", DAY)
    assert found == ["0001.1-5", "0001.2-5", "0002-6"]
    assert told(folder / "0002-6") == ("incomplete", [3])


def test_day_and_worklist_count_who_is_to_be_referred_by_any_visit_of_the_date(camp):
    page = day_page(camp.station, {"day": DAY})
    assert page.count("advice is-refer") == 1
    assert "advice is-no-referral" not in page
    listed = pages.worklist_page(camp.station, {"day": DAY, "show": "refer"})
    assert listed.count('<li><a href="/person/1"') == 1
    assert '<li><a href="/person/2"' not in listed
    assert "/picture/1/small.jpg" in listed  # of the visit by which it is so
    assert "/picture/4/small.jpg" not in listed


def test_what_lacked_in_the_morning_isnt_asked_for_once_the_afternoon_has_it(camp):
    camp.store.happen(ComputerStarted())
    added(camp.store, "6_OD.jpg", 0.1, person=2, pictures=PICTURES)
    added(camp.store, "6_OS.jpg", 0.1, person=2, pictures=PICTURES)
    page = day_page(camp.station, {"day": DAY})
    assert "advice is-incomplete" not in page
    assert "advice is-no-referral" in page


def test_names_of_folders_tell_whose_they_are_and_which_visit():
    for name, whose, visit in (
        ("0012-K-17", "0012", ""),
        ("0012.2-K.3-17", "0012", ".2"),
        ("0012.1", "0012", ".1"),
        ("0012-5.2", "0012", ""),
        ("P0123456789abcdef.2", "P0123456789abcdef", ".2"),
    ):
        assert (person_in(name), visit_in(name)) == (whose, visit)


def test_it_is_so_once_the_camp_is_opened_again(camp, tmp_path):
    camp.store.close()
    store = CampStore(tmp_path / "data")
    try:
        assert store.camp.days.came_again(DAY)
    finally:
        store.close()
