"""What is written for a hospital is of the order that the photographs are for, once it is known."""

import json
import shutil
import subprocess
from contextlib import closing

import pydicom
import pytest
from fhir.resources.R4B.bundle import Bundle as TheirBundle
from PIL import Image

from edge_runtime.station.camp_report import read_camp_report
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import OrdersChosen, PersonExpected
from edge_runtime.station.intake import Intake
from edge_runtime.station.orders import Order
from tests.edge_runtime.exchange.conftest import eyes, run  # noqa: F401 - a fixture
from tests.edge_runtime.exchange.test_dicom_report import JUDGE, needs
from tests.edge_runtime.station.camps import Clock
from tests.edge_runtime.station.taking_in import swept
from tests.edge_runtime.station.web.served import classifier

pytestmark = pytest.mark.slow  # they run the package's model

UID = "1.2.826.0.1.3680043.8.498.94"
RIGHT, LEFT = (
    Order(f"{UID}.1", "ACC-1", "Photos one", "OP"),
    Order(f"{UID}.2", "ACC-2", "Photos two"),
)
NOTICE = "the hospital has several orders for the visit"
ACSN = {"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN"}


@pytest.fixture(scope="module")
def camp(eyes, tmp_path_factory):  # noqa: F811 - it is the fixture
    """A camp with one person of two orders, of whom both eyes were photographed."""
    inbox = tmp_path_factory.mktemp("camp") / "inbox"
    inbox.mkdir()
    Image.fromarray(eyes["R"]).save(inbox / "X3_OD.jpg", quality=95)
    Image.fromarray(eyes["L"]).save(inbox / "X3_OS.jpg", quality=95)
    with closing(CampStore(inbox.with_name("inbox-station"))) as store:
        intake = Intake(inbox, store, classifier())
        intake.arrivals.clock = Clock()
        swept(intake)
        swept(intake)
        store.happen(PersonExpected(1, "X-03", "H", "Xenia", orders=(RIGHT, LEFT)))
    return inbox


def export(camp, tmp_path, *chosen, options=()):
    """Export a copy of it, after it was said which orders the photographs are for."""
    shutil.copytree(camp.parent, tmp_path / "camp")
    inbox, stick = tmp_path / "camp" / "inbox", tmp_path / "stick"
    with closing(CampStore(inbox.with_name("inbox-station"))) as store:
        day = store.camp.photos[1].arrived[:10]
        store.happen(*(OrdersChosen(1, day, *each) for each in chosen))
    told = run("station", "export", stick, "--inbox", inbox, "--dicom", "--fhir", *options)
    assert told.exit_code == 0, told.output
    (folder,) = (each for each in stick.iterdir() if each.is_dir())
    return folder, told


def places(folder):
    """Give the studies and accession numbers of all objects."""
    read = [pydicom.dcmread(file) for file in folder.rglob("*.dcm")]
    assert len(read) == 6
    return {(each.StudyInstanceUID, each.AccessionNumber) for each in read}


def requested(folder):
    """Give what the report says of its requests, and the bundle of studies and report."""
    report = pydicom.dcmread(folder / "dicom" / "report.dcm")
    items = [
        (each.StudyInstanceUID, each.AccessionNumber, each.RequestedProcedureDescription)
        for each in report.get("ReferencedRequestSequence", [])
    ]
    data = json.loads((folder / "bundle.json").read_bytes())
    TheirBundle.model_validate(data)
    by_kind = {each["resource"]["resourceType"]: each["resource"] for each in data["entry"]}
    numbers = [
        each["value"]
        for each in by_kind["ImagingStudy"]["identifier"]
        if ACSN.items() <= each.get("type", {"coding": [{}]})["coding"][0].items()
    ]
    based_on = [
        each["identifier"]["value"] for each in by_kind["DiagnosticReport"].get("basedOn", [])
    ]
    return items, numbers, based_on


def test_until_it_is_said_no_order_is_taken_and_the_export_says_so(camp, tmp_path):
    folder, told = export(camp, tmp_path)
    ((study, number),) = places(folder)
    assert not study.startswith(UID)
    assert number == ""
    assert requested(folder) == ([], [], [])
    assert f"{folder.name}: {NOTICE}" in told.stderr
    readme = (folder.parent / "README.txt").read_text("utf-8")
    assert folder.name in readme.partition("FOR WHICH ORDER?")[2]


@pytest.mark.parametrize(("order", "other"), [(RIGHT, LEFT), (LEFT, RIGHT)])
def test_what_was_chosen_last_is_in_every_object_and_in_the_bundle(camp, tmp_path, order, other):
    folder, told = export(camp, tmp_path, ((other,), (order,)), ((order,), (other,)))
    assert places(folder) == {(order.study_uid, order.accession)}
    number = [order.accession]
    said = [(order.study_uid, order.accession, order.what)]
    assert requested(folder) == (said, number, number)
    assert NOTICE not in told.stderr
    assert "FOR WHICH ORDER?" not in (folder.parent / "README.txt").read_text("utf-8")


def test_of_all_of_them_it_is_the_first_ones_study_and_all_are_said(camp, tmp_path):
    folder, _ = export(camp, tmp_path, ((RIGHT, LEFT), ()))
    assert places(folder) == {(f"{UID}.1", "ACC-1")}
    items, numbers, based_on = requested(folder)
    assert items == [(f"{UID}.1", "ACC-1", "Photos one"), (f"{UID}.2", "ACC-2", "Photos two")]
    assert (numbers, based_on) == (["ACC-1"], ["ACC-1", "ACC-2"])


def test_for_none_of_them_is_a_study_of_its_own_without_a_notice(camp, tmp_path):
    folder, told = export(camp, tmp_path, ((), (RIGHT, LEFT)))
    ((study, number),) = places(folder)
    assert (study.startswith(UID), number, NOTICE in told.stderr) == (False, "", False)


@needs("dciodvfy", "dicom3tools", "FUNDUS_EDGE_DCIODVFY")
def test_dciodvfy_finds_no_error_in_a_report_of_two_orders(camp, tmp_path):
    folder, _ = export(camp, tmp_path, ((RIGHT, LEFT), ()))
    for file in folder.rglob("*.dcm"):
        told = subprocess.run(
            [JUDGE or "dciodvfy", file], check=False, capture_output=True, text=True
        )
        lines = (told.stdout + told.stderr).splitlines()
        assert [line for line in lines if line.startswith("Error")] == [], file


def test_the_persons_json_says_what_was_chosen_and_one_without_names_nothing(camp, tmp_path):
    chosen = ((LEFT,), (RIGHT,))
    folder, _ = export(camp, tmp_path, chosen)
    assert read_camp_report(folder / "report.json").visits[0].ordered == (LEFT,)
    secret = "--pseudonyms", tmp_path / "key.json"
    stick = tmp_path / "open"
    inbox = tmp_path / "camp" / "inbox"
    told = run("station", "export", stick, "--inbox", inbox, "--fhir", "--deidentify", *secret)
    assert told.exit_code == 0, told.output
    for file in filter(lambda each: each.is_file(), stick.rglob("*")):
        data = file.read_bytes()
        assert not any(each in data for each in (b"ACC-", UID.encode(), b"Photos two")), file
