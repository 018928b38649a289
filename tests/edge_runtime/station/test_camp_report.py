"""A person's report for programs has what the model said and what people decided."""

import json

import jsonschema
import msgspec

from edge_runtime.station import moment
from edge_runtime.station.camp_report import CAMP_SCHEMA, CampReport, camp_report, report_text
from edge_runtime.station.events import (
    ComputerStarted,
    ConsentTold,
    EyeTold,
    PersonDescribed,
    PersonOpened,
    PersonReferred,
    ResultOverridden,
    Undone,
)
from edge_runtime.station.originals import original_of
from tests.conftest import ROOT
from tests.edge_runtime.results.records import ungradable
from tests.edge_runtime.station.camps import added, jpeg
from tests.edge_runtime.station.taking_in import swept

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "camp-person.schema.json").read_text("utf-8"))


def told(store, classifier, number=1):
    text = report_text(camp_report(store, number, classifier))
    found = json.loads(text)
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    assert msgspec.json.decode(text, type=CampReport).schema == CAMP_SCHEMA
    return found


def test_it_has_who_decided_what_of_which_photograph_and_what_was_undone(store, classifier):
    added(store, "a/1_OD.jpg", 0.9)
    added(store, "a/1_OS.jpg", person=1, record=ungradable("/media/card/inbox/a/1_OS.jpg"))
    store.happen(PersonDescribed(1, "K-17", "N. N.", 1950))
    (over,) = store.happen(ResultOverridden(1, "no-referral", "old scar"), by="Ana")
    store.happen(EyeTold(2, "left"))
    found = told(store, classifier)
    assert (found["given_id"], found["name"], found["birth_year"]) == ("K-17", "N. N.", 1950)
    assert found["advice"] == "retake"
    assert found["eyes"]["right"] == {"advice": "no-referral", "why": "operator", "photo": 1}
    first, second = found["photos"]
    assert (first["decision"], first["decision_reason"]) == ("no-referral", "old scar")
    assert (first["eye_told_by"], second["eye_told_by"]) == ("name", "operator")
    assert first["record"]["class"] == "glaucoma"
    assert second["file"] == second["record"]["path"] == "a/1_OS.jpg"  # below the inbox alone
    assert "someone" not in json.dumps(found)
    assert "not a validated diagnostic tool" in found["disclaimer"]
    decided = found["said_last"]
    assert decided == store.camp.history[-1].at
    (undone,) = store.happen(Undone(over.number))
    assert told(store, classifier)["said_last"] == undone.at > decided
    (again,) = store.happen(Undone(undone.number))
    assert told(store, classifier)["said_last"] == again.at > undone.at
    store.happen(ConsentTold(1, True, "071"))  # of which nothing is said
    assert told(store, classifier)["said_last"] == again.at
    store.happen(Undone(again.number))
    found = told(store, classifier)
    (event,) = [each for each in found["history"] if each["event"]["kind"] == "overridden"]
    assert (event["by"], event["undone"]) == ("Ana", True)
    assert found["advice"] == "refer"


def test_what_the_model_reached_is_said_where_it_is_the_one_that_spoke(
    inbox, intake, store, classifier
):
    (inbox / "P1_OD.jpg").write_bytes(jpeg(1, size=(600, 800)))
    swept(intake)
    found = told(store, classifier)
    assert found["report"]["person"] == "P1"
    assert found["report"]["model"]["bundle"]["identity"] == classifier.bundle.identity
    assert found["photos"][0]["sha256"] == store.rows(tuple[str], "SELECT sha256 FROM photos")[0][0]
    assert str(inbox) not in json.dumps(found)
    store.happen(PersonReferred(1, "Hospital", "2026-12-01"), ConsentTold(1, True, "071"))
    referral = told(store, classifier)["referral"]
    assert (referral["place"], referral["may_be_called"], referral["went"]) == (
        "Hospital",
        True,
        None,
    )
    added(store, "P1_OS.jpg", person=1)  # by another model
    assert told(store, classifier)["report"] is None


def test_the_models_eyes_are_those_that_somebody_said(inbox, intake, store, classifier):
    for number, name in enumerate(("P1_OD.jpg", "P1_OS.jpg", "scan.jpg"), 1):
        (inbox / name).write_bytes(jpeg(number, size=(600, 800)))
    swept(intake)
    numbers = {each.path: number for number, each in store.camp.photos.items()}
    right, left, scan = (numbers[each] for each in ("P1_OD.jpg", "P1_OS.jpg", "scan.jpg"))

    def eyes(photo):
        report = told(store, classifier, store.camp.told[photo].person)["report"]
        return {
            each["eye"]: (each["laterality"] and each["laterality"]["code"],
                          {one["number"] for one in each["photos"]})
            for each in report["eyes"]
        }  # fmt: skip

    assert eyes(right) == {None: (None, {right, left})}  # the disc says another eye than the name
    store.happen(EyeTold(right, "left"), EyeTold(left, "left"))
    assert eyes(right) == {"left": ("7771000", {right, left})}
    store.happen(EyeTold(right, "right"))
    assert eyes(right) == {"right": ("24028007", {right}), "left": ("7771000", {left})}
    store.happen(EyeTold(right, None))
    assert eyes(right) == {"left": ("7771000", {left}), None: (None, {right})}
    assert store.camp.told[scan].eye_told_by == "disc"  # a guess
    assert eyes(scan) == {None: (None, {scan})}


def test_someone_without_a_photograph_has_a_report_too(store, classifier):
    store.happen(PersonOpened(1, "waits", ("a\udcff", "b")))
    found = told(store, classifier)
    assert (found["advice"], found["photos"], found["report"]) == ("waiting", [], None)
    json.dumps(found, ensure_ascii=False).encode("utf-8")  # no half of a letter is in it


def test_an_original_is_found_by_its_content_wherever_it_was_seen(inbox, intake, store):
    (inbox / "P1_OD.jpg").write_bytes(jpeg(1))
    (inbox / "copy.jpg").write_bytes(jpeg(1))
    swept(intake)
    swept(intake)
    assert original_of(store, [inbox], 1).read_bytes() == jpeg(1)
    (inbox / "P1_OD.jpg").write_bytes(jpeg(2))
    assert original_of(store, [inbox], 1) == inbox / "copy.jpg"
    archive = inbox.with_name("archive")
    archive.mkdir()
    (inbox / "copy.jpg").rename(archive / "copy (2).jpg")
    assert original_of(store, [inbox], 1) is None
    assert original_of(store, [inbox, archive], 1) == archive / "copy (2).jpg"


def test_two_visits_of_one_date_are_two_and_each_comes_to_its_own(store, classifier):
    now = moment.now()
    for path in ("1_OD.jpg", "1_OS.jpg"):
        added(store, path, person=None if path == "1_OD.jpg" else 1, at=now)
    store.happen(ComputerStarted())
    added(store, "2_OD.jpg", person=1, at=now)
    found = told(store, classifier)
    date = f"{now:%Y-%m-%d}"
    assert [(each["days"], each["advice"]) for each in found["visits"]] == [
        ([date], "no-referral"),
        ([date], "incomplete"),
    ]
    assert [each["visit"] for each in found["photos"]] == [1, 1, 2]
    assert found["advice"] == "incomplete"
