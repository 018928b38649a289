"""``fundus-edge fhir report``: from a folder of results to a file of each person."""

import base64
import json
import re
import shutil
import stat
import subprocess
import sys

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.contract import DISCLAIMER
from edge_runtime.photo.decode import decode
from tests.conftest import ROOT
from tests.edge_runtime.exchange.record_server import RecordServer
from tests.edge_runtime.hospital.objects import jpegs, make, save
from tests.edge_runtime.papers.pdf_tools import needs_tools, text_of


@pytest.fixture
def jpeg(photo_file):
    return photo_file.read_bytes()


@pytest.fixture
def eye(jpeg):
    return decode(jpeg).pixels


@pytest.fixture
def run(predict, photo_file, tmp_path):
    """Make results of photos by their names, and tell the folder."""

    def of(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(photo_file, tmp_path / name)
        out = tmp_path / "results"
        predict(tmp_path, "--out", out)
        return out

    return of


def report(*arguments):
    return CliRunner().invoke(main, ["fhir", "report", *map(str, arguments)])


def test_each_person_has_a_file_for_its_owner_only_and_the_same_each_time(run, tmp_path):
    results, out = run("in/P1_OD.jpg", "in/P1_OS.jpg", "in/P2_OD.jpg"), tmp_path / "out"
    told = report(results, "--out", out)
    assert told.exit_code == 0, told.stderr
    assert told.stdout.splitlines() == [str(out / "P1.json"), str(out / "P2.json")]
    assert told.stderr.strip() == DISCLAIMER
    files = {each.name: each.read_bytes() for each in out.iterdir()}
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in out.iterdir())
    again = report(results, "--out", out)
    assert again.exit_code == 0
    assert {each.name: each.read_bytes() for each in out.iterdir()} == files
    server = RecordServer()
    assert [server.take(each) > 0 for each in files.values()] == [True, True]
    assert [server.take(each) for each in files.values()] == [0, 0]
    assert len(server.of("Patient")) == 2


def test_what_is_there_already_isnt_written_over_and_the_others_go_on(run, tmp_path):
    results, out = run("in/P1_OD.jpg", "in/P2_OD.jpg"), tmp_path / "out"
    out.mkdir()
    (out / "P1.json").write_text("mine")
    told = report(results, "--out", out)
    assert told.exit_code == 1
    assert "already exists; choose another folder for the bundles" in told.stderr
    assert (out / "P1.json").read_text() == "mine"
    assert (out / "P2.json").exists()


def test_without_results_it_says_what_to_name(tmp_path):
    results, out = tmp_path / "none", tmp_path / "out"
    results.mkdir()
    told = report(results, "--out", out)
    assert told.exit_code == 1
    assert "name a folder that 'fundus-edge predict --out' wrote" in told.stderr
    assert not out.exists()


@pytest.mark.parametrize("system", ["ids", "http://h example/", "a|b:c", "http://h/<x>"])
def test_a_system_that_is_no_uri_is_refused(run, tmp_path, system):
    told = report(run("in/P1_OD.jpg"), "--out", tmp_path / "out", "--patients", system)
    assert told.exit_code == 1
    assert "is no URI, such as http://hospital.example/patients" in told.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "names", [("a/P1_OD.jpg", "b/P1_OD.jpg"), ("in/P1_OD.jpg", "in/Q_OD.jpg", "more/p1_OD.jpg")]
)
def test_two_persons_of_one_number_arent_put_to_one_record(run, tmp_path, names):
    results = run(*names)
    told = report(results, "--out", tmp_path / "out", "--patients", "http://h.example/ids")
    assert told.exit_code == 1
    assert "two persons have the ID" in told.stderr
    assert not (tmp_path / "out").exists()
    assert report(results, "--out", tmp_path / "out").exit_code == 0


def test_patients_of_two_issuers_arent_put_to_one_record(predict, eye, jpeg, tmp_path):
    for number, issuer in enumerate(("here", "there")):
        data = jpegs(make(eye, photometric="YBR_FULL_422", IssuerOfPatientID=issuer), jpeg)
        save(data, tmp_path / f"{number}.dcm")
    results, out = tmp_path / "results", tmp_path / "out"
    predict(tmp_path, "--out", results)
    told = report(results, "--out", out, "--patients", "http://h.example/ids")
    assert "two persons have the ID P1" in told.stderr
    assert report(results, "--out", out).exit_code == 0
    server = RecordServer()
    for each in out.iterdir():
        server.take(each.read_bytes())
    assert len(server.of("Patient")) == 2


@needs_tools
def test_a_dicom_photo_is_of_its_study_and_its_eye(predict, eye, jpeg, tmp_path):
    tags = {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.4", "ImageLaterality": "L"}
    save(jpegs(make(eye, photometric="YBR_FULL_422", **tags), jpeg), tmp_path / "a.dcm")
    save(jpegs(make(eye, photometric="YBR_FULL_422", **{**tags, "ImageLaterality": "B"}), jpeg),
         tmp_path / "b.dcm")  # fmt: skip
    predict(tmp_path, "--out", tmp_path / "results")
    assert report(tmp_path / "results", "--out", tmp_path / "out").exit_code == 0
    (file,) = (tmp_path / "out").iterdir()
    server = RecordServer()
    server.take(file.read_bytes())
    (study,) = server.of("ImagingStudy")
    assert study["identifier"][0]["value"] == "urn:oid:1.2.3"
    assert "laterality" not in study["series"][0]  # one eye is known, the other isn't
    sides = {each["bodySite"]["coding"][0]["code"] for each in server.of("Observation")}
    assert sides == {"81745001:272741003=7771000", "81745001"}
    forms = re.findall(r'"data": "([^"]*)"', file.read_text())
    page, pdf = map(base64.b64decode, forms)
    for said in (re.sub(r'"data": "[^"]*"', "", file.read_text()), page.decode(), text_of(pdf)):
        assert "Doe" not in said  # the file's patient's name
        assert "P1" in said


@pytest.mark.parametrize(("options", "loaded"), [((), "http.client"), (("--no-pdf",), "")])
def test_neither_dicom_nor_a_network_is_loaded(run, tmp_path, options, loaded):
    """What draws imports what could fetch pictures, which no report names by an address."""
    results = run("in/P1_OD.jpg")
    arguments = ["fhir", "report", str(results), "--out", str(tmp_path / "out"), *options]
    code = (
        "import sys; from edge_runtime.commands.main import main; "
        f"main({arguments!r}, standalone_mode=False); "
        "print(*({'pydicom', 'pynetdicom', 'fhir', 'http.client'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1].strip() == loaded
    assert json.loads((tmp_path / "out" / "P1.json").read_bytes())["type"] == "transaction"
