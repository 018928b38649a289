"""What the pages say of DICOM files: who told the eye, what is asked, and what isn't read."""

import html
from pathlib import Path

import msgspec
import pytest

from edge_runtime.hospital.facts import DicomFacts, with_eye
from edge_runtime.hospital.installed import INSTALL
from edge_runtime.station.dicom_files import DicomFiles
from tests.edge_runtime.results.records import graded
from tests.edge_runtime.station.camps import added
from tests.edge_runtime.station.web.served import served, words
from tests.edge_runtime.station.web.test_hint_cards import press


@pytest.fixture
def client(tmp_path):
    with served(tmp_path) as client:
        yield client


def told(laterality, *, in_name=None, by_disc=None):
    """Make a record of a DICOM file's photograph, with its doubt in the caution as runs have it."""
    facts = DicomFacts("1.2", patient_id="7", laterality=laterality)
    facts = with_eye(facts, in_name=in_name, by_disc=by_disc)
    caution = facts.eye_doubt.text if facts.eye_doubt else None
    return msgspec.structs.replace(graded("a.dcm", 0.1, caution=caution), dicom=facts)


def test_the_page_says_that_the_file_told_the_eye(client):
    added(client.station.store, "a.dcm", record=told("L"))
    page = words(client.get("/person/1"))
    assert "left eye, as the DICOM file says" in page
    assert "Caution" not in page


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (told(""), "doesn't say which eye it is"),
        (told("B"), "shows both eyes"),
        (told("?"), "neither L nor R"),
        (told("R", in_name="left"), "its name disagree about the eye"),
        (told("R", by_disc="left"), "the optic disc disagree about the eye"),
    ],
)
def test_a_doubt_is_asked_once_and_its_answer_gives_the_eye(client, record, why):
    store = client.station.store
    added(store, "a.dcm", record=record)
    page = words(html.unescape(client.get("/person/1")))
    assert "Which eye is it?" in page
    assert why in page
    assert "evidence lies outside" not in page  # the caution is about the eye alone
    assert store.camp.told[1].eye is None
    press(client, "/person/1", "It is the left eye")
    assert (store.camp.told[1].eye, store.camp.told[1].eye_told_by) == ("left", "operator")
    assert "Which eye is it?" not in words(client.get("/person/1"))


def test_the_table_has_the_doubt_and_who_told_the_eye(client):
    added(client.station.store, "a.dcm", record=told("B"))
    added(client.station.store, "b.dcm", record=told("R"))
    table = client.get("/camp.csv")
    assert "the DICOM file says that it shows both eyes" in table
    assert ",right,file," in table


def test_files_that_need_something_installed_say_what(client):
    arrivals = client.station.intake.arrivals
    arrivals.dicom = DicomFiles(can_read=False, unread=frozenset({Path("a.dcm")}))
    arrivals.unread, arrivals.newest_unread = (Path("a.dcm"),), (Path("a.dcm"), arrivals.clock())
    page = words(html.unescape(client.get("/files")))
    assert f"DICOM files are read once this is installed: {INSTALL}" in page
    now = words(html.unescape(client.get("/")))
    assert f"a.dcm is a DICOM file, which isn't read until this is installed: {INSTALL}" in now


def test_what_is_passed_over_is_counted_by_kind(client):
    client.station.intake.arrivals.dicom.passed_over[Path("x")] = "CT Image"
    client.station.intake.arrivals.dicom.passed_over[Path("y")] = "CT Image"
    assert "2 x CT Image" in words(client.get("/files"))
