"""What is carried on a stick is whole, checks itself, and has those alone who were asked for."""

import csv
import io
import json
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
import simplejpeg
from msgspec import structs

from edge_runtime.results.overlays import marked, whole
from edge_runtime.station import camp_store, parcel
from edge_runtime.station.days import chosen_day, days_of, people_of_day
from edge_runtime.station.events import PeopleMerged, PersonCalled, PersonDescribed
from edge_runtime.station.papers import camp_folder, slip_pdf
from edge_runtime.station.papers.camp_folder import NAMES, export_entries
from edge_runtime.station.web import pages
from edge_runtime.station.web.export import BYTE_ORDER_MARK
from tests.edge_runtime.papers.pdf_tools import needs_tools, text_of
from tests.edge_runtime.station.camps import jpeg
from tests.edge_runtime.station.papers.slips import person, station_of
from tests.edge_runtime.station.taking_in import swept


@pytest.fixture
def station(store, intake, classifier):
    return station_of(store, intake, classifier)


def exported(station, folder, **options):
    folder.mkdir()
    parcel.fill(folder, export_entries(station, **options))
    return folder


def entries_of(station):
    return [entry for entry in export_entries(station) if "/" in entry.name]


def contents(station):
    return {entry.name.split("/")[1]: entry.content for entry in entries_of(station)}


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def test_each_person_has_a_folder_and_the_hashes_are_right(station, tmp_path):
    person(station.store, "K-17")
    person(station.store, "")
    folder = exported(station, tmp_path / "stick")
    assert names(folder) == [
        "0001-K-17/overlay-000001-right.jpg", "0001-K-17/overlay-000002-left.jpg",
        "0001-K-17/photo-000001-right.jpg", "0001-K-17/photo-000002-left.jpg",
        "0001-K-17/report.json", "0001-K-17/slip.pdf",
        "0002/overlay-000003-right.jpg", "0002/overlay-000004-left.jpg",
        "0002/photo-000003-right.jpg", "0002/photo-000004-left.jpg",
        "0002/report.json", "0002/slip.pdf",
        "README.txt", "camp.csv", "referrals.csv",
    ]  # fmt: skip
    said = subprocess.run(
        ["sha256sum", "-c", "--strict", "SHA256SUMS"],  # noqa: S607
        cwd=folder, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert said.count(": OK") == 15
    assert (folder / "0001-K-17" / "slip.pdf").read_bytes().startswith(b"%PDF-")
    assert json.loads((folder / "0001-K-17" / "report.json").read_text())["given_id"] == "K-17"
    kept = station.store.picture(1, "photo").read_bytes()
    assert (folder / "0001-K-17" / "photo-000001-right.jpg").read_bytes() == kept
    assert "not a validated diagnostic tool" in (folder / "README.txt").read_text("utf-8")
    assert (folder / "camp.csv").read_text("utf-8").startswith(BYTE_ORDER_MARK)
    assert all(NAMES.fullmatch(name) for name in names(folder))


@pytest.mark.parametrize(
    ("called", "folder"),
    [
        ("../../etc", "0001-etc"),
        ('a/b\\c:d*e?"<>|', "0001-a_b_c_d_e"),
        ("CON", "0001-CON"),
        ("x. ", "0001-x"),
        ("...", "0001"),
        ("\u738b\u0301", "0001-\u738b"),
        ("w" * 200, "0001-" + "w" * 40),
    ],
)
def test_folders_have_names_that_every_disk_takes(station, called, folder):
    number = person(station.store)
    station.store.happen(PersonDescribed(number, called, "", None))
    found = {entry.name.split("/")[0] for entry in entries_of(station)}
    assert found == {folder}
    assert not any(letter in folder for letter in '/\\:*?"<>|')


def test_people_of_one_number_have_a_folder_each(station):
    for _ in range(2):
        number = person(station.store)
        station.store.happen(PersonDescribed(number, "k-17", "", None))
    found = {entry.name.split("/")[0] for entry in export_entries(station) if "/" in entry.name}
    assert found == {"0001-k-17", "0002-k-17"}


def test_a_day_has_those_who_were_there_then(station, monkeypatch):
    person(station.store, "first")
    later = datetime.now(timezone.utc) + timedelta(days=2)
    monkeypatch.setattr(camp_store, "now", lambda: later)
    monkeypatch.setattr("tests.edge_runtime.station.camps.WHEN", later)
    number = person(station.store, "second")
    camp = station.store.camp
    day = f"{later:%Y-%m-%d}"
    assert day in days_of(camp)
    assert people_of_day(camp, None) == [1, 2]
    assert people_of_day(camp, day) == [number]
    entries = {entry.name: entry.content for entry in export_entries(station, day=day)}
    assert {name.split("/")[0] for name in entries if "/" in name} == {"0002-second"}
    table = csv.DictReader(io.StringIO(entries["camp.csv"].decode("utf-8-sig")))
    assert {row["given_id"] for row in table} == {"second"}
    assert f"Day: {day}" in entries["README.txt"].decode()


def test_who_of_an_earlier_day_is_at_the_camera_is_there_today(station, monkeypatch):
    number = person(station.store, "first")
    person(station.store, "another")
    later = datetime.now(timezone.utc) + timedelta(days=2)
    monkeypatch.setattr(camp_store, "now", lambda: later)
    station.store.happen(PersonCalled(number))
    camp, day = station.store.camp, f"{later:%Y-%m-%d}"
    assert chosen_day(camp, None) == day
    assert people_of_day(camp, day) == [number]
    station.store.happen(PersonCalled(None))
    assert day not in days_of(camp)


def test_what_happens_meanwhile_is_in_none_of_it(station):
    for called in ("a", "b"):
        person(station.store, called)
    entries = export_entries(station.in_language("es"))  # which works its advice out with others
    found = [next(entries) for _ in range(4)]
    station.store.happen(PeopleMerged(2, 1, "one person"))
    found += entries
    assert {each.name.split("/")[0] for each in found if "/" in each.name} == {"0001-a", "0002-b"}
    photos = [each.name for each in found if "photo-" in each.name]
    assert len(photos) == len(set(photos)) == 4
    assert len(station.store.camp.people) == 1


def test_originals_come_along_where_they_are_still_what_they_were(inbox, intake, station, tmp_path):
    (inbox / "P1_OD.JPG").write_bytes(jpeg(1))
    (inbox / "P1_OS.jpg").write_bytes(jpeg(2))
    swept(intake)
    (inbox / "P1_OS.jpg").write_bytes(b"written over")
    folder = exported(station, tmp_path / "stick", originals=[inbox])
    originals = [name for name in names(folder) if "original-" in name]
    assert len(originals) == 1
    assert originals[0].startswith("0001-P1/original-000001-")
    assert originals[0].endswith(".jpg")
    assert (folder / originals[0]).read_bytes() == jpeg(1)
    assert (inbox / "P1_OD.JPG").read_bytes() == jpeg(1)


def test_the_readme_speaks_the_language(store, intake, classifier):
    *_, last = export_entries(station_of(store, intake, classifier, "es"))
    assert b"CAMPAMENTO" in last.content
    assert b"no es una herramienta" in last.content


def test_files_are_for_their_owner_only(station, tmp_path):
    person(station.store)
    folder = exported(station, tmp_path / "stick")
    modes = {path.stat().st_mode & 0o077 for path in folder.rglob("*") if path.is_file()}
    assert modes == {0}


def test_an_overlay_says_below_itself_what_it_is_for(station):
    """It may be shown alone: its rows are those of the page, with a strip of words below."""
    person(station.store, "K-17")
    content = contents(station)
    kept = simplejpeg.decode_jpeg(station.store.picture(1, "overlay").read_bytes())
    shown = simplejpeg.decode_jpeg(content["overlay-000001-right.jpg"])
    height, width = kept.shape[:2]
    assert shown.shape[1] == width
    assert shown.shape[0] > height
    assert np.abs(shown[:height].astype(int) - kept).mean() < 3
    strip = shown[height:]
    rows = (strip.max(axis=2) > 120).any(axis=1)
    assert np.count_nonzero(np.diff(rows.astype(int)) == 1) >= 2  # lines of letters


def test_each_picture_is_read_from_the_store_once(station, monkeypatch):
    person(station.store)
    read = []
    noting = lambda file: read.append(file.name) or whole(file)  # noqa: E731
    monkeypatch.setattr(camp_folder, "whole", noting)
    monkeypatch.setattr(slip_pdf, "whole", noting)
    entries_of(station)
    assert len(read) == len({*read}) == 4  # of both eyes the photograph and the overlay


def test_an_overlay_that_is_damaged_is_left_out_and_named(station):
    person(station.store, "K-17")
    for number, damage in ((1, b""), (2, station.store.picture(2, "overlay").read_bytes()[:900])):
        station.store.picture(number, "overlay").write_bytes(damage)
    found = contents(station)
    assert not [name for name in found if name.startswith("overlay")]
    assert {"photo-000001-right.jpg", "photo-000002-left.jpg", "slip.pdf"} <= found.keys()
    readme = [*export_entries(station)][-1].content.decode()
    assert "0001-K-17/overlay-000001-right.jpg" in readme
    assert "0001-K-17/overlay-000002-left.jpg" in readme


@needs_tools
def test_a_picture_that_is_spoilt_is_said_on_the_slip_and_by_the_readme(station):
    person(station.store, "K-17")
    for number, name in ((1, "overlay"), (2, "photo")):
        file = station.store.picture(number, name)
        data = bytearray(marked(file.read_bytes()))
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    found = contents(station)
    assert "overlay-000001-right.jpg" not in found
    assert "photo-000002-left.jpg" not in found
    said = " ".join(text_of(found["slip.pdf"]).split())
    assert said.count("gone or damaged at the station, so it isn't here") == 2
    assert "photo as taken: gone" in said
    readme = [*export_entries(station)][-1].content.decode()
    assert "0001-K-17/overlay-000001-right.jpg" in readme
    assert "0001-K-17/photo-000002-left.jpg" in readme


def test_an_overlay_names_the_class_that_its_map_is_of(station, monkeypatch):
    """An eye that is likeliest normal may be referred: its map is of normal, not of a disease."""
    said = []
    monkeypatch.setattr(
        camp_folder, "captioned", lambda picture, *words, **_: said.append(words) or picture
    )
    number = person(station.store, "K-17")
    camp = station.store.camp
    for told in camp.of(number):
        photo = structs.replace(told.photo, group="refer", class_name="normal")
        camp.told[photo.number] = replace(told, photo=photo)
    contents(station)
    assert {words[:2] for words in said} == {
        ("Not clearly normal", "evidence for normal (Grad-CAM)")
    }
    page = pages.person_page(station, {}, number)
    assert 'alt="evidence for normal"' in page
