"""``predict`` takes photographs out of DICOM files: results, records, persons."""

import json
import shutil
import subprocess
import sys

import cv2
import pytest

from tests.conftest import ROOT
from tests.edge_runtime.hospital.objects import CT, OP8, SC, item, lines, make, save


def test_a_jpeg_in_dicom_has_the_result_of_the_jpeg(predict, wrapped, photo_file, tmp_path):
    save(wrapped(ImageLaterality="L", Modality="XC"), tmp_path / "scan.dcm")
    own, inside = lines(predict(photo_file, tmp_path / "scan.dcm", "--json"))
    for key in ("class", "confidence", "probabilities", "logits", "photo_size", "field_of_view"):
        assert own[key] == inside[key], key
    assert "dicom" not in own
    facts = inside["dicom"]
    assert facts["sop_class_uid"] == OP8
    assert (facts["patient_id"], facts["laterality"]) == ("P1", "L")
    assert facts["acquired"] == "2024-01-31T10:11:12"
    assert (facts["manufacturer"], facts["device"]) == ("Maker", "Camera 3")
    assert facts["modality"] == "XC"


@pytest.mark.parametrize(
    ("tags", "acquired"),
    [
        ({"AcquisitionDateTime": "20240131101112.5+0530"}, "2024-01-31T10:11:12.500000+05:30"),
        ({"AcquisitionDateTime": "20240131"}, "2024-01-31"),
        (
            {"AcquisitionDateTime": None, "AcquisitionDate": "20240131",
             "AcquisitionTime": "1011", "TimezoneOffsetFromUTC": "-0300"},
            "2024-01-31T10:11-03:00",
        ),
        ({"AcquisitionDateTime": "2024013110"}, "2024-01-31T10"),
        ({"AcquisitionDateTime": "2024013110-0300"}, "2024-01-31T10-03:00"),
        ({"AcquisitionDateTime": "2024013199"}, "2024-01-31"),
        (
            {"AcquisitionDateTime": None, "AcquisitionDate": "20240131", "AcquisitionTime": "10"},
            "2024-01-31T10",
        ),
        (
            {"AcquisitionDateTime": None, "AcquisitionDate": "20240131", "AcquisitionTime": "late"},
            "2024-01-31",
        ),
        ({"AcquisitionDateTime": "20241331101112"}, None),
        ({"AcquisitionDateTime": "yesterday"}, None),
        ({"AcquisitionDateTime": None}, None),
    ],
)  # fmt: skip
def test_the_moment_is_iso_8601_or_isnt_told(predict, wrapped, tmp_path, tags, acquired):
    save(wrapped(**tags), tmp_path / "a.dcm")
    (record,) = lines(predict(tmp_path / "a.dcm", "--json"))
    assert record["dicom"].get("acquired") == acquired


def test_a_folder_is_searched_by_what_files_are_and_says_what_it_passed_over(
    predict, wrapped, jpeg, eye, tmp_path
):
    (tmp_path / "a.jpg").write_bytes(jpeg)
    save(wrapped(), tmp_path / "IM0001")
    save(make(eye, sop_class=SC), tmp_path / "b.dcm")
    save(make(eye[..., 0], sop_class=CT), tmp_path / "c.dcm")
    save(make(eye[..., 0], sop_class="1.2.3.4"), tmp_path / "d")
    (tmp_path / "e.dcm").touch()
    (tmp_path / "f.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 50)
    result = predict(tmp_path, "--json")
    by_name = {record["path"].rpartition("/")[2]: record for record in lines(result)}
    assert {name: each["status"] for name, each in by_name.items()} == {
        "IM0001": "ok", "a.jpg": "ok", "b.dcm": "ok", "e.dcm": "error", "f.dcm": "error",
    }  # fmt: skip
    assert "Passed over: 2 DICOM files that are no photograph (1 CT Image, 1 1.2.3.4)." in (
        result.stderr
    )
    assert "5 photos: " in result.stderr
    assert result.exit_code == 1


def test_an_object_of_another_kind_that_is_named_outright_is_an_error(predict, eye, tmp_path):
    save(make(eye[..., 0], sop_class=CT), tmp_path / "c.dcm")
    result = predict(tmp_path / "c.dcm")
    assert "is no photograph but CT Image; leave it out" in result.stderr
    assert result.exit_code == 1


def test_each_frame_is_a_photo_with_a_row_of_its_own(predict, eye, tmp_path):
    mirrored = eye[:, ::-1].copy()
    groups = [item(FrameAnatomySequence=[item(FrameLaterality=each)]) for each in "RLB"]
    data = make([eye, mirrored, eye], PerFrameFunctionalGroupsSequence=groups, ImageLaterality=None)
    save(data, tmp_path / "both.dcm")
    out = tmp_path / "out"
    result = predict(tmp_path / "both.dcm", "--json", "--out", out)
    assert result.exit_code == 0, result.stderr
    records = lines(result)
    assert [record["path"] for record in records] == [
        str(tmp_path / f"both.dcm#{number}") for number in (1, 2, 3)
    ]
    assert [record["dicom"]["laterality"] for record in records] == ["R", "L", "B"]
    assert [record["dicom"]["frame"] for record in records] == [1, 2, 3]
    assert "says that it shows both eyes" in records[2]["caution"]
    again = predict(tmp_path / "both.dcm", "--json", "--out", out, "--resume")
    assert "Resumed: 3 of 3 photos were done." in again.stderr
    assert lines(again) == records


def test_a_file_of_frames_that_was_changed_is_done_again(predict, eye, tmp_path):
    save(make([eye, eye]), tmp_path / "a.dcm")
    out = tmp_path / "out"
    predict(tmp_path / "a.dcm", "--out", out)
    save(make([eye, eye], PatientID="P2"), tmp_path / "a.dcm")
    result = predict(tmp_path / "a.dcm", "--out", out, "--resume", "--json")
    assert "2 photos were changed since and are done again" in result.stderr
    assert {record["dicom"]["patient_id"] for record in lines(result)} == {"P2"}


def test_of_a_truncated_file_the_frames_that_are_there_are_read(predict, eye, tmp_path):
    path = save(make([eye] * 5), tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes()[: 1000 + 2 * eye.nbytes + 500])
    result = predict(path, "--json")
    statuses = [record["status"] for record in lines(result)]
    assert statuses == ["ok", "ok", "error"]
    assert "claims 5 photos, and is truncated" in result.stderr


@pytest.mark.parametrize("frames", ["2000000000", "1001"])
def test_a_file_that_claims_too_many_photos_is_one_error(predict, small_eye, tmp_path, frames):
    save(make(small_eye, NumberOfFrames=frames), tmp_path / "a.dcm")
    result = predict(tmp_path / "a.dcm")
    assert result.stderr.count("Error:") == 1
    assert f"claims {frames} photos, more than the 1000 that are read" in result.stderr


def test_a_file_called_as_a_frame_keeps_its_name_and_the_other_says_so(
    predict, eye, jpeg, tmp_path
):
    save(make([eye, eye]), tmp_path / "a.dcm")
    (tmp_path / "a.dcm#2").write_bytes(jpeg)
    result = predict(tmp_path / "a.dcm", tmp_path / "a.dcm#2", "--json")
    assert [record["status"] for record in lines(result)] == ["error", "ok"]
    assert "see that no other file is called so" in result.stderr


def people(out):
    reports = [json.loads(path.read_text()) for path in sorted((out / "people").glob("*.json"))]
    return {
        report["person"]: {
            each["eye"]: len(each["photos"]) for each in report["eyes"]
        }
        for report in reports
    }  # fmt: skip


def test_persons_and_eyes_are_those_of_the_files_and_not_of_the_names(predict, wrapped, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name, tags in {
        "X1_a": {"PatientID": "Ana", "ImageLaterality": "R"},
        "X2_b": {"PatientID": "Ana", "ImageLaterality": "L"},
        "P7_OD": {"PatientID": "Eva", "ImageLaterality": "R"},
        "P7_OS": {"PatientID": "Ida", "ImageLaterality": "L"},
        "P8_OS": {"PatientID": "Ida", "ImageLaterality": "R"},
        "one": {"PatientID": "1", "IssuerOfPatientID": "here"},
        "two": {"PatientID": "1", "IssuerOfPatientID": "there"},
        "Q_OD": {"PatientID": None},
        "Q_OS": {"PatientID": "ANONYMOUS"},
    }.items():
        save(wrapped(**tags), folder / f"{name}.dcm")
    out = tmp_path / "out"
    result = predict(folder, "--out", out)
    assert result.exit_code == 0, result.stderr
    found = people(out)
    assert set(found) == {"Ana", "Eva", "Ida", "here/1", "there/1", "Q_OD", "Q_OS"}
    assert found["Ida"].get("left", 0) <= 1
    assert None in found["Ida"]  # the name says left, the file right
    page = (out / "people" / "Ana.html").read_text()
    assert "put together by the patient" in page


def test_a_doubt_about_the_eye_stands_where_people_look(predict, wrapped, tmp_path):
    save(wrapped(ImageLaterality=None), tmp_path / "a.dcm")
    out = tmp_path / "out"
    result = predict(tmp_path / "a.dcm", "--out", out, "--language", "es")
    said = "the DICOM file doesn't say which eye it is; find out which eye it is before"
    assert said in result.stdout
    assert said in (out / "results.csv").read_text("utf-8-sig")
    (page,) = (out / "people").glob("*.html")
    assert "el archivo DICOM no dice qué ojo es" in page.read_text()
    (report,) = (out / "people").glob("*.json")
    told = json.loads(report.read_text())["eyes"][0]
    assert told["eye"] is None
    assert told["photos"][0]["side"]["by_dicom"] == {
        "eye": None, "laterality": "", "doubt": "absent",
    }  # fmt: skip
    assert all(each["code"] != "evidence_outside" or "DICOM" not in each["text"]
               for each in told["photos"][0]["cautions"])  # fmt: skip


def test_without_the_extra_dicom_is_named_with_what_to_install(
    predict, wrapped, jpeg, tmp_path, monkeypatch
):
    for name in ("find", "read"):
        monkeypatch.setattr(f"edge_runtime.hospital.{name}.is_installed", lambda: False)
    (tmp_path / "a.jpg").write_bytes(jpeg)
    save(wrapped(), tmp_path / "b.dcm")
    save(wrapped(), tmp_path / "IM0001")
    result = predict(tmp_path)
    assert result.exit_code == 1
    assert "Not read (2 DICOM): " in result.stderr
    assert 'it needs: pip install -c constraints.txt ".[hospital]"' in result.stderr
    assert "1 photo: " in result.stderr
    assert predict(tmp_path, "--skip-unknown").exit_code == 0
    named = predict(tmp_path / "b.dcm")
    needed = 'pip install -c constraints.txt ".[hospital]"'
    assert f"its kind is DICOM, which needs: {needed}" in named.stderr


@pytest.mark.parametrize(("is_dicom", "loaded"), [(False, False), (True, True)])
def test_only_dicom_loads_what_reads_it(exported, wrapped, photo_file, tmp_path, is_dicom, loaded):
    (tmp_path / "in").mkdir()
    shutil.copy(photo_file, tmp_path / "in" / "a.jpg")
    if is_dicom:
        save(wrapped(), tmp_path / "in" / "b")
    arguments = ["predict", str(tmp_path / "in"), "--bundle", str(exported), "--out",
                 str(tmp_path / "out")]  # fmt: skip
    code = (
        "import sys; from edge_runtime.commands.main import main; "
        f"main({arguments!r}, standalone_mode=False); "
        "print(*({'pydicom', 'openjpeg', 'jpeg_ls', 'pylibjpeg'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert ("pydicom" in ran.stdout.splitlines()[-1]) == loaded
    assert loaded or not ran.stdout.splitlines()[-1].strip()


def test_names_of_all_scripts_stay_as_they_are(predict, wrapped, tmp_path):
    data = wrapped(PatientID="Пациент-7", SpecificCharacterSet="ISO_IR 192")
    save(data, tmp_path / "a.dcm")
    (record,) = lines(predict(tmp_path / "a.dcm", "--json"))
    assert record["dicom"]["patient_id"] == "Пациент-7"


def test_16_bit_grey_of_a_photograph_comes_to_an_end(predict, eye, tmp_path):
    grey = cv2.cvtColor(eye, cv2.COLOR_RGB2GRAY)
    save(make(grey.astype("u2") * 16, bits=12), tmp_path / "a.dcm")
    result = predict(tmp_path / "a.dcm", "--json")
    (record,) = lines(result)
    assert record["status"] in ("ok", "ungradable")  # grey isn't reddish
    assert record["dicom"]["laterality"] == "R"
