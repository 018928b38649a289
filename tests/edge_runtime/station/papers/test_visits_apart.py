"""Pages, slips and exports show the visit of their day, and earlier ones plainly as earlier."""

import json
from contextlib import closing
from datetime import timedelta

import msgspec
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from edge_runtime.commands.main import main
from edge_runtime.exchange.state_camp import camp_patient
from edge_runtime.predict.record import BundleIdentity, ModelIdentity
from edge_runtime.station import camp_store, parcel
from edge_runtime.station.camp_report import camp_report
from edge_runtime.station.camp_results import camp_words, of_last_visit
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import (
    FollowedUp,
    HintAnswered,
    PersonCalled,
    PersonDescribed,
    PersonOpened,
    PersonReferred,
    VisitGoesOn,
)
from edge_runtime.station.papers.camp_folder import export_entries
from edge_runtime.station.papers.hospital_folder import ForHospital, add_hospital_files
from edge_runtime.station.papers.slip import slip_of
from edge_runtime.station.papers.slip_pdf import slip_pdf
from edge_runtime.station.web import day_page, pages
from tests.edge_runtime.results.records import ungradable
from tests.edge_runtime.station import camps
from tests.edge_runtime.station.camps import WHEN, added, jpeg
from tests.edge_runtime.station.papers.slips import PICTURES, station_of

FIRST, NEXT = "2024-05-17", "2024-05-18"


@pytest.fixture
def station(store, intake, classifier, monkeypatch, request):
    """A station with a person who was healthy, and whose left photo of the next day is blurred.

    What a test gives was said on the first day.
    """
    monkeypatch.setattr(camp_store, "now", lambda: camps.WHEN)
    added(store, "5_OS.jpg", 0.1, pictures=PICTURES)
    added(store, "5_OD.jpg", 0.1, person=1, pictures=PICTURES)
    store.happen(PersonDescribed(1, "5"), *getattr(request, "param", ()))
    monkeypatch.setattr(camps, "WHEN", WHEN + timedelta(days=1))
    store.happen(PersonCalled(1))
    blurred = ungradable("I_OS.jpg")
    added(store, "I_OS.jpg", person=1, record=blurred, pictures=PICTURES, at=camps.WHEN)
    for photo in (1, 2, 3):
        for name in PICTURES:
            store.picture(photo, name).write_bytes(jpeg(photo))
    return station_of(store, intake, classifier)


def said_of(slip):
    return slip.day, slip.card.mark.key, {eye.eye: eye.mark.key for eye in slip.eyes}


NOW = (NEXT, "retake", {"right": "waiting", "left": "retake"})
THEN = (FIRST, "no-referral", {"right": "no-referral", "left": "no-referral"})


def test_a_slip_and_its_code_are_of_one_visit_and_its_day(station):
    now, then = slip_of(station, 1), slip_of(station, 1, day=FIRST)
    assert (said_of(now), said_of(then)) == (NOW, THEN)
    assert f"day={NEXT};advice=retake;right=waiting;left=retake" in now.code
    assert f"day={FIRST};advice=no-referral" in then.code
    page = pages.slip_page(station, {"day": FIRST}, 1)
    assert f"/slip/1.pdf?day={FIRST}" in page
    assert then.code in page
    assert now.code in pages.receipt_page(station, {"day": "2020-01-01"}, 1)  # nobody was here then


@pytest.mark.parametrize(("day", "advice"), [(NEXT, "retake"), (FIRST, "no-referral")])
def test_worklist_and_day_show_what_was_advised_on_their_day(station, day, advice):
    asked = {"day": day}
    for page in (pages.worklist_page(station, asked), day_page.day_page(station, asked)):
        found = {key for key in ("retake", "no-referral") if f"advice is-{key}" in page}
        assert found == {advice}


def test_a_persons_page_keeps_earlier_visits_plainly_as_earlier(station):
    page = pages.person_page(station, {}, 1)
    now, _, then = page.partition("Earlier visits")
    assert "is-retake" in now
    assert "is-no-referral" not in now
    assert "/picture/1/" not in now
    assert f"Earlier visit, {FIRST}" in then
    assert "is-no-referral" in then
    assert "/picture/1/photo.jpg" in then
    assert f"/slip/1?day={FIRST}" in then
    assert now.count('action="/do/goes_on"') == 1  # in the hint
    station.store.happen(HintAnswered(1, f"again:1:{NEXT}"))
    page = pages.person_page(station, {}, 1)
    assert page.count('action="/do/goes_on"') == 1  # where somebody changes their mind
    station.store.happen(VisitGoesOn(1, FIRST, NEXT))
    page = pages.person_page(station, {}, 1)
    assert "Earlier visit" not in page
    assert 'action="/do/goes_on"' not in page


@pytest.mark.parametrize(
    ("day", "photos", "visits", "advice", "last"),
    [
        (None, [1, 2, 3], [[FIRST], [NEXT]], "retake", [3]),
        (FIRST, [1, 2], [[FIRST]], "no-referral", [1, 2]),
        (NEXT, [3], [[NEXT]], "retake", [3]),
    ],
)
def test_a_report_tells_visits_apart_and_a_hospital_gets_one(
    station, day, photos, visits, advice, last
):
    report = camp_report(station.store, 1, station.classifier, day=day)
    assert [each.number for each in report.photos] == photos
    assert [[*each.days] for each in report.visits] == visits
    assert report.advice == report.visits[-1].advice == advice
    assert [each.number for each in of_last_visit(report).photos] == last
    words = camp_words(of_last_visit(report))
    assert words.visit_day == report.visits[-1].days[0]  # of the study
    nobody = replace(words, given_id="")
    assert camp_patient(nobody).identifier == f"camp-{WHEN:%Y%m%dT%H%M%S%f}-1"  # at each visit
    for each in report.photos:
        assert report.visits[each.visit - 1].days == (each.arrived[:10],)


@pytest.mark.parametrize(("day", "photos"), [(FIRST, {1, 2}), (NEXT, {3}), (None, {1, 2, 3})])
def test_an_export_of_a_day_has_what_its_visit_has_alone(station, day, photos):
    entries = {each.name: each.content for each in export_entries(station, day=day)}
    pictures = {int(name.split("-")[-2]) for name in entries if "/photo-" in name}
    assert pictures == photos
    (report,) = (content for name, content in entries.items() if name.endswith("report.json"))
    assert {each["number"] for each in json.loads(report)["photos"]} == photos
    table = entries["camp.csv"].decode()
    assert table.count("\n") == 1 + len(photos)


@pytest.fixture
def returned(store, intake, classifier):
    """A station with a person whose photos of two days came to nothing with the model at work."""
    own = ModelIdentity(classifier.session.name, "int8", "0" * 64, ("CPU",), "passed")
    bundle = BundleIdentity("b", classifier.bundle.identity)
    record = msgspec.structs.replace(ungradable("I_OS.jpg"), model=own, bundle=bundle)
    for name, person, days in (("I_OS.jpg", None, 0), ("I_OD.jpg", 1, 1)):
        came = WHEN + timedelta(days=days)
        photo = added(store, name, person=person, record=record, pictures=PICTURES, at=came)
        store.picture(photo, "photo").write_bytes(jpeg(photo))
    store.happen(PersonDescribed(1, "5"))
    return station_of(store, intake, classifier)


@pytest.mark.parametrize(("day", "is_said"), [(None, True), (FIRST, False), (NEXT, False)])
def test_a_hospital_is_told_where_what_it_gets_is_of_the_last_visit_alone(
    returned, tmp_path, day, is_said
):
    folder = tmp_path / "stick"
    folder.mkdir()
    parcel.fill(folder, export_entries(returned, day=day))
    asked = ForHospital(has_dicom=False, has_fhir=True)
    lacks, earlier, *_ = add_hospital_files(folder, asked, returned.texts, keeps_originals=False)
    assert (lacks, earlier) == ([], ["0001-5"] if is_said else [])  # nothing lacks
    assert ("--day" in (folder / "README.txt").read_text("utf-8")) is is_said


def test_a_hospital_gets_of_who_sits_at_the_camera_again_what_was_found_before(returned, tmp_path):
    returned.store.happen(PersonCalled(1), PersonOpened(2, "6"), PersonDescribed(2, "6", "Ana"))
    folder = tmp_path / "stick"
    folder.mkdir()
    parcel.fill(folder, export_entries(returned))
    asked = ForHospital(has_dicom=False, has_fhir=True)
    added_to = add_hospital_files(folder, asked, returned.texts, keeps_originals=False)
    assert added_to == ([], ["0001-5"], [], ["0002-6"])
    assert (folder / "0001-5" / "bundle.json").is_file()
    report = json.loads((folder / "0001-5" / "report.json").read_bytes())
    assert [each["days"] for each in report["visits"]] == [[FIRST], [NEXT]]
    assert report["advice"] == "retake"
    slip = slip_of(returned, 1, day=NEXT)
    assert slip_pdf(slip, returned.store.picture) == (folder / "0001-5" / "slip.pdf").read_bytes()
    readme = (folder / "README.txt").read_text("utf-8")
    assert "0002-6" in readme.partition("NO PHOTO")[2]


def test_an_export_of_who_was_here_before_says_so_and_is_no_error(returned, tmp_path):
    returned.store.happen(PersonOpened(2, "6"), PersonDescribed(2, "6", "Ana"))
    returned.store.close()
    ran = CliRunner().invoke(
        main, ["station", "export", f"{tmp_path}/stick", "--data", f"{tmp_path}/data", "--fhir"]
    )
    assert (ran.exit_code, ran.stdout.count("2 people")) == (0, 1), ran.output
    assert "0001-5: DICOM and FHIR have the last visit alone." in ran.stderr
    assert "0002-6: no photo, so neither DICOM nor FHIR" in ran.stderr
    assert "Error" not in ran.stderr


@pytest.mark.parametrize("how", [[], ["--fhir", "--dicom"], ["--deidentify", "--pseudonyms"]])
def test_an_export_of_a_day_on_which_nobody_was_writes_nothing_and_says_so(returned, tmp_path, how):
    returned.store.close()
    (tmp_path / "inbox").mkdir(exist_ok=True)
    asked = [
        "--data", f"{tmp_path}/data", "--inbox", f"{tmp_path}/inbox", "--day", "2024-05-20", *how,
        *([f"{tmp_path}/secret/names.json"] if "--pseudonyms" in how else []),
    ]  # fmt: skip
    (tmp_path / "secret").mkdir()
    ran = CliRunner().invoke(main, ["station", "export", f"{tmp_path}/stick", *asked])
    assert (ran.exit_code, ran.stdout) == (1, ""), ran.output
    assert ran.stderr.splitlines()[-1] == (
        'Error: Nobody was there on 2024-05-20; the page "Day" of the station has the days'
    )
    assert not (tmp_path / "stick").exists()


def test_a_slip_and_its_code_name_the_days_of_a_visit_that_goes_on(station):
    station.store.happen(VisitGoesOn(1, FIRST, NEXT))
    slip = slip_of(station, 1)
    assert slip.day == f"{FIRST}, {NEXT}"
    assert f";day={FIRST},{NEXT};" in slip.code
    assert f"{FIRST}, {NEXT}" in pages.slip_page(station, {}, 1)
    assert slip_of(station, 1, day=FIRST).day == slip.day


@pytest.mark.parametrize("station", [[PersonReferred(1, "Clinic", FIRST)]], indirect=True)
def test_a_referral_that_was_over_before_the_visit_is_not_on_its_slip(station):
    assert ("Referred to", "Clinic") in slip_of(station, 1).blanks  # still open: they may go yet
    station.store.happen(FollowedUp(1, True, "operated"))
    assert slip_of(station, 1).blanks == []
    assert ("Referred to", "Clinic") in slip_of(station, 1, day=FIRST).blanks
    assert "operated" in pages.person_page(station, {}, 1)


def test_visits_are_as_they_were_once_the_camp_is_opened_again(station, tmp_path):
    store = station.store
    store.happen(VisitGoesOn(1, FIRST, NEXT))
    visits = store.camp.people[1].goes_on
    store.close()
    with closing(CampStore(tmp_path / "data")) as again:
        assert again.camp.people[1].goes_on == visits == ((FIRST, NEXT),)
