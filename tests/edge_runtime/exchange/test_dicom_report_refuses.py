"""What ``dicom report`` refuses, and reports that aren't whole: one sentence each."""

import random
import shutil
import subprocess
import sys

import pydicom
import pytest

from edge_runtime.contract import DISCLAIMER
from edge_runtime.errors import ResultsUnreadableError
from edge_runtime.exchange.new_object import plain_words
from tests.edge_runtime.exchange.conftest import SERIES, STUDY, objects, photos_of, run
from tests.edge_runtime.exchange.read_report import read_report
from tests.edge_runtime.hospital.objects import DeflatedExplicitVRLittleEndian, make, save

pytestmark = pytest.mark.slow  # they run the package's model


def test_nothing_is_written_over_and_the_folder_is_named(hospital, reports):
    before = {file: file.read_bytes() for file in reports.rglob("*.dcm")}
    told = run("dicom", "report", hospital / "out", "--out", reports)
    assert told.exit_code == 1
    assert told.stderr.count("already exists") == 7
    assert {file: file.read_bytes() for file in reports.rglob("*.dcm")} == before


@pytest.mark.parametrize("kind", ["dicom", "fhir"])
@pytest.mark.parametrize("inside", [".", "reports", "../out"])
def test_nothing_is_written_into_the_results(hospital, kind, inside):
    before = sorted((hospital / "out").rglob("*"))
    told = run(kind, "report", hospital / "out", "--out", hospital / "out" / inside)
    assert told.exit_code == 2
    assert "is in the results themselves; name a folder beside them" in told.stderr
    assert sorted((hospital / "out").rglob("*")) == before


@pytest.mark.parametrize("change", ["gone", "another"])
def test_a_photo_that_isnt_there_any_more_is_named_and_the_others_go_on(hospital, tmp_path, change):
    photo = hospital / "photos" / "J2_OS.jpg"
    kept = photo.read_bytes()
    try:
        photo.unlink()
        if change == "another":
            photo.write_bytes(kept[:-2] + b"\0\xff\xd9")
        told = run("dicom", "report", hospital / "out", "--out", tmp_path / "o")
    finally:
        photo.write_bytes(kept)
    assert told.exit_code == 1
    words = {"gone": "no such file", "another": "isn't the photo that the results are of"}
    assert told.stderr.count("Error") == 1
    assert words[change] in told.stderr
    assert not (tmp_path / "o" / "J2").exists()
    assert len([*(tmp_path / "o").iterdir()]) == 6


def test_without_the_dicom_file_the_report_says_less_and_says_so(hospital, tmp_path):
    moved = [(file, tmp_path / file.name) for file in photos_of(hospital)]
    try:
        for file, to in moved:
            shutil.move(file, to)
        told = run("dicom", "report", hospital / "out", "--out", tmp_path / "o")
    finally:
        for file, to in moved:
            shutil.move(to, file)
    assert told.exit_code == 0
    assert told.stderr.count("not all DICOM files are where they were") == 2
    data = pydicom.dcmread(tmp_path / "o" / "Ñandú-7" / "report.dcm")
    assert (data.StudyInstanceUID, data.PatientID) == (STUDY, "Ñandú-7")
    assert not data.PatientName


def test_of_a_file_that_is_gone_another_of_its_study_says_whose_it_is(hospital, tmp_path):
    photo = hospital / "photos" / "IM1"
    try:
        shutil.move(photo, tmp_path / "IM1")
        told = run("dicom", "report", hospital / "out", "--out", tmp_path / "o")
    finally:
        shutil.move(tmp_path / "IM1", photo)
    assert told.exit_code == 0
    assert "not all DICOM files" not in told.stderr
    made = objects(tmp_path / "o" / "Ñandú-7")
    assert len(made) > 10
    assert {
        (data.StudyInstanceUID, data.StudyDate, data.StudyTime, str(data.PatientName),
         data.PatientBirthDate, data.AccessionNumber)
        for data in made.values()
    } == {(STUDY, "20240131", "101112", "Müller^Änne", "19500102", "A-1")}  # fmt: skip


def test_another_persons_file_in_its_place_isnt_copied(hospital, tmp_path):
    photo = hospital / "photos" / "IM1"
    kept = photo.read_bytes()
    data = pydicom.dcmread(photo)
    data.PatientID, data.PatientName = "P9", "Other^Person"
    try:
        data.save_as(photo)
        run("dicom", "report", hospital / "out", "--out", tmp_path / "o")
    finally:
        photo.write_bytes(kept)
    for made in objects(tmp_path / "o").values():
        assert str(made.PatientName) != "Other^Person"
        assert made.PatientID != "P9"


@pytest.mark.parametrize("defect", ["no json", "changed", "no store", "an overlay"])
def test_results_that_arent_whole_are_refused_in_a_sentence(copied, tmp_path, defect):
    out = copied / "out"
    if defect == "no json":
        (out / "people" / "J2.json").unlink()
    elif defect == "changed":
        file = out / "people" / "J2.json"
        file.write_bytes(file.read_bytes().replace(b'"number": ', b'"number": 9'))
    elif defect == "no store":
        for file in out.glob("results.sqlite*"):
            file.unlink()
    else:
        for file in (out / "overlays").iterdir():
            file.write_bytes(file.read_bytes()[:500])
    told = run("dicom", "report", out, "--out", tmp_path / "o")
    assert told.exit_code == 1
    assert "Traceback" not in told.output
    assert all(line.startswith(("Error: ", DISCLAIMER)) for line in told.stderr.splitlines()), (
        told.stderr
    )


@pytest.mark.parametrize("kind", ["dicom", "fhir"])
@pytest.mark.parametrize("damage", ["a byte", "cut", "gone"])
def test_a_spoilt_overlay_is_named_and_neither_sent_nor_left_out(
    hospital, copied, tmp_path, kind, damage
):
    out = copied / "out"
    file = min((out / "overlays").iterdir())
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0x10
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(data if damage == "a byte" else data[:500])
    told = run(kind, "report", out, "--out", tmp_path / "o")
    assert told.exit_code == 1
    assert told.stderr.count("Error") == 1
    said = f"{file.name}: can't be read as results: it is gone or damaged; make it again"
    assert said in told.stderr
    whose = [*(out / "people").glob("*.json")]
    assert len([*(tmp_path / "o").iterdir()]) == len(whose) - 1
    run("predict", hospital / "photos", "--out", out, "--class", "all", "--resume")
    assert run(kind, "report", out, "--out", tmp_path / "again").exit_code == 0


@pytest.mark.parametrize("tag", ["PatientID", "IssuerOfPatientID"])
def test_an_id_that_dicom_doesnt_take_is_never_shortened_to_another(eyes, tmp_path, tag):
    tags = {"StudyInstanceUID": STUDY, "SeriesInstanceUID": SERIES, tag: "x" * 70}
    save(make(eyes["L"], ImageLaterality="L", **tags), tmp_path / "a.dcm")
    told = run("predict", tmp_path / "a.dcm", "--out", tmp_path / "out")
    assert told.exit_code == 1
    assert "64 letters" in told.stderr + told.stdout


def test_a_spoilt_report_is_refused_in_a_sentence(reports, tmp_path):
    whole = (reports / "J2" / "report.dcm").read_bytes()
    chance, said = random.Random(1), []
    for _ in range(100):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        (tmp_path / "r.dcm").write_bytes(data)
        try:
            read_report(tmp_path / "r.dcm")
        except ResultsUnreadableError as error:
            said.append(str(error))
    assert len(said) > 20
    assert all("\n" not in each and "export it again" in each for each in said)


def test_what_is_neither_a_known_person_nor_a_picture_is_no_report(hospital, tmp_path):
    shutil.copy(hospital / "photos" / "E9_OS.jpg", tmp_path / "img.jpg")
    run("predict", tmp_path / "img.jpg", "--out", tmp_path / "out")
    told = run("dicom", "report", tmp_path / "out", "--out", tmp_path / "o")
    assert told.exit_code == 1
    assert "img is neither a known person nor a picture; take the photo again" in told.stderr
    assert [*(tmp_path / "o").iterdir()] == []


def test_a_report_that_unpacks_without_end_is_no_report_of_ours(reports, tmp_path):
    data = pydicom.dcmread(reports / "J2" / "report.dcm")
    data.SeriesDescription = "a" * 60
    data.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    data.add_new(0x00091010, "OB", b"\0" * (40 << 20))
    data.save_as(tmp_path / "r.dcm")
    assert (tmp_path / "r.dcm").stat().st_size < 1 << 20
    with pytest.raises(ResultsUnreadableError, match="no structured report of fundus-edge"):
        read_report(tmp_path / "r.dcm")


def test_a_name_in_three_scripts_is_kept_and_one_that_isnt_a_value_is_left_out():
    name = "Yamada^Tarou=山田^太郎=やまだ^たろう"
    words = {"PatientName": name, "StudyDate": "yesterday", "PatientSex": "x", "PatientID": "P"}
    kept = plain_words({**words, "ReferringPhysicianName": "A\\B"})
    assert (kept["PatientName"], kept["PatientID"]) == (name, "P")
    assert kept["ReferringPhysicianName"] == ""
    assert plain_words({"PatientName": "Doe^Jane =x"})["PatientName"] == "Doe^Jane=x"
    assert (kept["StudyDate"], kept["PatientSex"]) == ("", "")


def test_without_the_extra_it_is_said_what_to_install(hospital, tmp_path):
    code = (
        "import sys; sys.modules['pydicom'] = None\n"
        "from edge_runtime.commands.process import run; run()"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, "dicom", "report", hospital / "out", "--out", tmp_path / "o"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert told.returncode == 1
    assert 'pip install -c constraints.txt ".[hospital]"' in told.stderr
    assert "Traceback" not in told.stderr
    assert [*(tmp_path / "o").iterdir()] == []


@pytest.mark.parametrize("uid", ["", "x1", "1.02", "1." * 40])
def test_a_photo_whose_file_has_no_true_uids_is_named(eyes, tmp_path, uid):
    tags = {"StudyInstanceUID": STUDY, "SeriesInstanceUID": uid, "PatientID": "P1"}
    save(make(eyes["L"], ImageLaterality="L", **tags), tmp_path / "a.dcm")
    run("predict", tmp_path / "a.dcm", "--out", tmp_path / "out")
    told = run("dicom", "report", tmp_path / "out", "--out", tmp_path / "o")
    assert told.exit_code == 1
    assert "a.dcm: its DICOM file doesn't tell the UIDs" in told.stderr
    assert [*(tmp_path / "o").iterdir()] == []
