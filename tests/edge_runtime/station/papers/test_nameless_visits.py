"""The table of an export without names tells of photographs and visits what the other one does."""

import csv
import io
from contextlib import closing
from datetime import datetime, timedelta, timezone

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.exchange.deidentify.reports import NO_TIME
from edge_runtime.station import camp_store
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import (
    ComputerStarted,
    ConsentTold,
    FollowedUp,
    PersonDescribed,
    PersonReferred,
    ResultOverridden,
    VisitGoesOn,
)
from tests.edge_runtime.results.records import graded, ungradable
from tests.edge_runtime.station.camps import added, jpeg
from tests.edge_runtime.station.papers.slips import PICTURES

FIRST, NEXT, THIRD, LAST = "2024-05-17", "2024-05-18", "2024-05-20", "2024-05-23"
NONE = NO_TIME[:10]
SAME = ("photo", "eye", "result", "decision", "class", "confidence", "person_advice", "due")
SAID = ("may_be_called", "went")


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A camp of a person of four visits, one of two days and two of one date, and of one of one."""
    at = [datetime(2024, 5, 17, 9, 30, tzinfo=timezone.utc)]
    monkeypatch.setattr(camp_store, "now", lambda: at[0])
    (tmp_path / "camp").mkdir()
    folder = tmp_path / "camp" / "data"
    with closing(CampStore(folder)) as store:

        def come(name, score, person):
            path = f"{len(store.camp.photos)}_{name}.jpg"
            record = ungradable(path) if score is None else graded(path, score)
            known = person if person in store.camp.people else None
            photo = added(store, path, record=record, person=known, pictures=PICTURES, at=at[0])
            for picture in PICTURES:
                store.picture(photo, picture).write_bytes(jpeg(photo))
            return photo

        come("OD", 0.9, 1)
        come("OS", 0.1, 1)
        come("OD", 0.1, 2)
        store.happen(PersonDescribed(1, "17"), PersonReferred(1, "City", NEXT))
        at[0] += timedelta(1)
        come("OS", None, 1)
        come("OD", 0.1, 1)
        store.happen(FollowedUp(1, True, "glasses"), ConsentTold(1, True, "the school"))
        at[0] += timedelta(2)
        come("OD", 0.9, 1)
        at[0] += timedelta(1)
        come("OS", 0.1, 1)
        store.happen(VisitGoesOn(1, THIRD, "2024-05-21"))
        at[0] += timedelta(2)
        photo = come("OS", 0.9, 1)
        store.happen(ResultOverridden(photo, "no-referral", "a reflex"), ComputerStarted())
        come("IMG", 0.1, 1)
    return folder


def table(data, tmp_path, *options):
    folder = tmp_path / f"stick{len([*tmp_path.glob('stick*')])}"
    given = ["station", "export", folder, "--data", data, *options]
    ran = CliRunner().invoke(main, [*map(str, given)])
    assert ran.exit_code == 0, ran.output
    text = (folder / "camp.csv").read_bytes().decode("utf-8-sig")
    rows = [*csv.DictReader(io.StringIO(text))]
    return sorted(rows, key=lambda row: (len(row["given_id"]), row["given_id"], row["photo"]))


def nameless(data, tmp_path, *options):
    known = ("--deidentify", "--pseudonyms", tmp_path / "secret" / "p.json")
    return table(data, tmp_path, *known, *options)


def by_person(rows):
    """Give the rows of who has most photographs, then those of the other one."""
    people = {}
    for row in rows:
        people.setdefault(row["given_id"], []).append(row)
    return sorted(people.values(), key=len, reverse=True)


@pytest.mark.parametrize("options", [[], ["--move-dates"]])
def test_each_photograph_of_each_visit_has_what_it_came_to(data, tmp_path, options):
    named, without = by_person(table(data, tmp_path)), by_person(nameless(data, tmp_path, *options))
    assert [len(each) for each in named] == [8, 1]
    for whole, told in zip(named, without, strict=True):
        numbers = {row["photo"]: str(n) for n, row in enumerate(whole, 1)}
        for one, other in zip(whole, told, strict=True):
            names = (*SAME, *SAID)
            expected = {name: one[name] for name in names} | {"photo": numbers[one["photo"]]}
            assert {name: other[name] for name in names} == expected
            assert other["result"]
    assert {row["went"] for row in named[0]} == {"yes", ""}  # each visit has its own


def test_visits_are_told_apart_where_their_days_are_not_told(data, tmp_path):
    most, other = by_person(nameless(data, tmp_path))
    found = [row["visit"] for row in most]
    first, second, third, fourth, last = NONE, *(f"{NONE} ({n})" for n in range(2, 6))
    assert found == [first, first, second, second, third, third, fourth, last]
    assert [row["visit"] for row in other] == [NONE]


def test_visits_of_moved_days_have_those_and_count_dates_that_came_again(data, tmp_path):
    most, _ = by_person(nameless(data, tmp_path, "--move-dates"))
    days = [row["visit"] for row in most]
    moved = [datetime.fromisoformat(each[:10]) - datetime.fromisoformat(days[0]) for each in days]
    assert [each.days for each in moved] == [0, 0, 1, 1, 3, 3, 6, 6]
    assert days[-1] == f"{days[-2]} (2)"


def test_two_visits_of_an_export_of_a_date_are_told_apart_too(data, tmp_path):
    rows = nameless(data, tmp_path, "--day", LAST)
    assert [row["visit"] for row in rows] == [NONE, f"{NONE} (2)"]
    assert [row["result"] for row in rows] == ["refer", "no-referral"]
