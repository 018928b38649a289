"""Whom an export can't make anything of, as a record is damaged, is said in readme and terminal."""

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.station.papers.camp_folder import README
from tests.edge_runtime.station.papers.exported_visits import MONDAY, WEDNESDAY, Days


@pytest.fixture
def days(store, intake, classifier, monkeypatch):
    """Two people; the first was here twice, and the record of their first photo is spoilt."""
    made = Days(store, intake, classifier, monkeypatch)
    made.come("5_OD.jpg", "6_OD.jpg")
    made.turn(WEDNESDAY)
    made.come("5_OD_2.jpg")
    with store.at_once() as ask:
        ask("UPDATE photos SET record = '{' WHERE number = 1")
    return made


def test_who_has_neither_dicom_nor_fhir_is_named_and_their_sound_visit_can_be_had(days):
    made = days.exported()
    assert [each.key for each in made.added.lacks] == ["export.lack.record"]
    assert {name: bool(each.bundle) for name, each in made.people.items()} == {
        "0001-5": False,
        "0002-6": True,
    }
    readme = (made.folder / README).read_text("utf-8")
    assert "0001-5: the record of a photo is damaged at the station" in readme
    sound = days.exported(WEDNESDAY)
    assert sound.added.lacks == []
    assert sound.people["0001-5"].bundle
    assert [each.key for each in days.exported(MONDAY).added.lacks] == ["export.lack.record"]


def test_without_names_it_is_counted_and_not_said_to_be_there(days, store, tmp_path):
    store.close()
    ran = CliRunner().invoke(
        main,
        ["station", "export", f"{tmp_path}/open", "--data", f"{tmp_path}/data", "--deidentify",
         "--pseudonyms", f"{tmp_path}/secret.json", "--fhir"],
    )  # fmt: skip
    assert ran.exit_code == 1
    assert "damaged; nothing of these people is there" in ran.stderr
    readme = (tmp_path / "open" / README).read_text("utf-8")
    assert "People: 1." in readme
    assert "LEFT OUT, with all that is of them" in readme
    assert "people: 1." in readme
