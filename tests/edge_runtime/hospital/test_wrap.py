"""``dicom wrap`` makes ophthalmic photographs that others take, with the result of the JPEG."""

import datetime
import io
import json
import os
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from click.testing import CliRunner
from msgspec import structs
from PIL import Image

from edge_runtime.commands.main import main
from edge_runtime.hospital.modules import derived_uid
from edge_runtime.hospital.read import decode_dicom, read_dicom
from edge_runtime.hospital.wrap import Said, wrap_photo
from edge_runtime.photo.decode import decode
from edge_runtime.station.camera_time import time_taken
from tests.edge_runtime.files import jpeg_with_exif

WHEN = "2024-01-31T10:11:12"
JUDGE = shutil.which("dciodvfy")


def wrap(*arguments):
    return CliRunner().invoke(main, ["dicom", "wrap", *map(str, arguments)])


@pytest.fixture
def photo(photo_file, tmp_path):
    """A photograph called by its person and eye."""
    return shutil.copy(photo_file, tmp_path / "P1_OD.jpg")


@pytest.fixture
def wrapped(photo, tmp_path):
    """What is made of it."""
    result = wrap(photo, "--out", tmp_path / "out", "--patient", "P1", "--time", WHEN)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{tmp_path}/out/P1_OD.dcm\n"
    return tmp_path / "out" / "P1_OD.dcm"


def judged(path):
    ran = subprocess.run([JUDGE or "dciodvfy", path], check=False, capture_output=True, text=True)
    return [line for line in (ran.stdout + ran.stderr).splitlines() if line.startswith("Error")]


needs_judge = pytest.mark.skipif(
    JUDGE is None and os.environ.get("FUNDUS_EDGE_DCIODVFY") != "required",
    reason="dciodvfy isn't installed (apt install dicom3tools)",
)


@needs_judge
@pytest.mark.parametrize(
    "options", [[], ["--patient", "Ñandú-7", "--issuer", "H"], ["--annotated"]]
)
@pytest.mark.parametrize("form", ["jpeg", "grey jpeg", "png", "turned", "progressive"])
def test_the_judge_of_others_finds_no_error(photo, tmp_path, form, options):
    source = tmp_path / "X_OS.jpg"
    picture = Image.open(io.BytesIO(photo.read_bytes()))
    if form == "grey jpeg":
        picture.convert("L").save(source)
    elif form == "turned":
        source.write_bytes(jpeg_with_exif(photo.read_bytes(), 6))
    elif form == "png":
        picture.save(source := tmp_path / "X_OS.png")
    else:
        picture.save(source, progressive=form == "progressive")
    result = wrap(source, "--out", tmp_path / "out", "--time", WHEN, *options)
    assert result.exit_code == 0, result.output
    assert judged(tmp_path / "out" / "X_OS.dcm") == []


@needs_judge
def test_the_judge_can_find_an_error(wrapped):
    data = pydicom.dcmread(wrapped)
    del data.AnatomicRegionSequence
    data.save_as(wrapped)
    assert judged(wrapped)


def test_the_jpeg_goes_in_as_it_is(wrapped, photo):
    data = pydicom.dcmread(wrapped)
    from pydicom.encaps import get_frame

    inside = get_frame(data.PixelData, 0, number_of_frames=1)
    assert inside.rstrip(b"\0") == photo.read_bytes().rstrip(b"\0")
    assert data.LossyImageCompressionMethod == "ISO_10918_1"
    assert data.ImageLaterality == "R"
    assert data.PatientID == "P1"
    assert oct(wrapped.stat().st_mode)[-3:] == "600"


def test_predict_gives_what_it_gives_for_the_jpeg(predict, wrapped, photo):
    own, inside = (
        json.loads(line) for line in predict(photo, wrapped, "--json").stdout.splitlines()
    )
    assert np.array_equal(decode_dicom(wrapped).pixels, decode(photo.read_bytes()).pixels)
    for key in ("class", "probabilities", "logits", "referral", "field_of_view"):
        assert own[key] == inside[key]
    assert inside["dicom"]["acquired"] == WHEN
    assert inside["dicom"]["patient_id"] == "P1"


def test_the_same_photo_and_words_make_the_same_file_and_others_another_object(photo, tmp_path):
    made = {}
    for name, words in {
        "a": ["--patient", "P1"], "b": ["--patient", "P1"], "c": ["--patient", "P2"],
        "d": ["--patient", "P1", "--eye", "left"], "e": ["--patient", "P1", "--issuer", "H"],
    }.items():  # fmt: skip
        wrap(photo, "--out", tmp_path / name, "--time", WHEN, *words)
        made[name] = (tmp_path / name / "P1_OD.dcm").read_bytes()
    assert made["a"] == made["b"]
    read = [pydicom.dcmread(io.BytesIO(each)) for each in made.values()]
    assert len({each.SOPInstanceUID for each in read}) == 4
    assert len({each.StudyInstanceUID for each in read}) == 3  # both eyes of one day are one study
    assert all(each.SOPInstanceUID.startswith("2.25.") and len(each.SOPInstanceUID) <= 44
               and each.SOPInstanceUID.is_valid for each in read)  # fmt: skip
    assert derived_uid("a", "b") != derived_uid("ab")


def two_times(photo, tmp_path, *times):
    """Give photographs of one person, each with a time in its EXIF data."""
    files = []
    for number, time in enumerate(times):
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = time
        picture = Image.open(io.BytesIO(photo.read_bytes()))
        picture.save(tmp_path / f"P1_OD_{number}.jpg", exif=exif, quality=80 + number)
        files.append(tmp_path / f"P1_OD_{number}.jpg")
    wrap(*files, "--out", tmp_path / "o", "--patient", "P1")
    return [pydicom.dcmread(each) for each in sorted((tmp_path / "o").iterdir())]


def test_a_time_without_a_moment_of_the_picture_is_that_which_the_station_tells(photo, tmp_path):
    exif = Image.Exif()
    exif[0x0132] = "2017:07:22 20:20:36"
    file = tmp_path / "P1_OS.jpg"
    Image.open(io.BytesIO(Path(photo).read_bytes())).save(file, exif=exif)
    told = wrap(file, "--out", tmp_path / "o")
    assert told.exit_code == 0, told.output
    data = pydicom.dcmread(tmp_path / "o" / "P1_OS.dcm")
    assert data.AcquisitionDateTime == "20170722202036"
    assert time_taken(file) == "2017-07-22T20:20:36"


def test_a_study_is_a_day_and_its_objects_say_the_same_of_it(photo, tmp_path):
    first, second = two_times(Path(photo), tmp_path, "2026:11:27 10:11:12", "2026:11:27 10:15:40")
    for keyword in ("StudyInstanceUID", "StudyDate", "StudyTime", "StudyID", "PatientID"):
        assert first[keyword] == second[keyword], keyword
    assert (first.StudyDate, first.StudyTime) == ("20261127", "")
    assert [each.ContentTime for each in (first, second)] == ["101112", "101540"]
    assert second.AcquisitionDateTime == "20261127101540"


@pytest.mark.parametrize("time", ["2026-11-28 09:02", "2026-11-28T09:02"])
def test_a_time_may_be_given_without_seconds(photo, tmp_path, time):
    told = wrap(photo, "--out", tmp_path / "o", "--time", time)
    assert told.exit_code == 0, told.output
    data = pydicom.dcmread(next((tmp_path / "o").iterdir()))
    assert data.AcquisitionDateTime == "20261128090200"


def test_photos_are_numbered_by_their_time_and_those_of_one_second_apart(photo, tmp_path):
    times = ["2026:11:27 23:59:58", "2026:11:27 23:59:59", "2026:11:27 23:59:59"]
    made = two_times(Path(photo), tmp_path, *times)
    numbers = [int(each.InstanceNumber) for each in made]
    assert len({*numbers}) == 3
    assert numbers[0] < min(numbers[1:])
    assert max(numbers) < 2**31
    assert len({each.SeriesInstanceUID for each in made}) == 1


def test_photos_of_nobody_share_no_study(photo, tmp_path):
    second = tmp_path / "P2_OD.jpg"
    Image.open(io.BytesIO(photo.read_bytes())).save(second, quality=70)
    wrap(photo, second, "--out", tmp_path / "o", "--time", WHEN)
    studies = {pydicom.dcmread(each).StudyInstanceUID for each in (tmp_path / "o").iterdir()}
    assert len(studies) == 2


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "progressive", "turned"])
def test_what_isnt_a_plain_jpeg_goes_in_as_pixels_without_loss(photo, tmp_path, form):
    source = tmp_path / "a_OS.img"
    if form == "turned":
        source.write_bytes(jpeg_with_exif(photo.read_bytes(), 6))
    elif form == "progressive":
        Image.open(io.BytesIO(photo.read_bytes())).save(source, "JPEG", progressive=True)
    else:
        Image.open(io.BytesIO(photo.read_bytes())).save(source, form)
    result = wrap(source, "--out", tmp_path / "o", "--time", WHEN)
    assert result.exit_code == 0, result.output
    made = tmp_path / "o" / "a_OS.dcm"
    assert pydicom.dcmread(made).file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert np.array_equal(decode_dicom(made).pixels, decode(source.read_bytes()).pixels)


def test_a_large_jpeg_that_must_be_turned_keeps_all_its_pixels(tmp_path):
    picture = np.random.default_rng(0).integers(0, 255, (100, 130, 3), np.uint8)
    large = cv2.resize(picture, (3900, 3000), interpolation=cv2.INTER_CUBIC)
    source = tmp_path / "a_OS.jpg"
    source.write_bytes(jpeg_with_exif(cv2.imencode(".jpg", large)[1].tobytes(), 6))
    wrap(source, "--out", tmp_path / "o", "--time", WHEN)
    data = pydicom.dcmread(tmp_path / "o" / "a_OS.dcm")
    assert (data.Rows, data.Columns) == (3900, 3000)


def test_the_time_and_the_camera_are_those_of_the_exif_data(photo, tmp_path):
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Camera 3"
    exif.get_ifd(0x8769)[0x9003] = "2023:05:06 07:08:09"
    source = tmp_path / "a_OS.jpg"
    Image.open(io.BytesIO(photo.read_bytes())).save(source, exif=exif)
    assert wrap(source, "--out", tmp_path / "o").exit_code == 0
    facts = read_dicom(tmp_path / "o" / "a_OS.dcm").facts
    assert (facts.acquired, facts.manufacturer, facts.device) == (
        datetime.datetime(2023, 5, 6, 7, 8, 9).isoformat(), "Maker", "Camera 3",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("scan.jpg", ["--time", WHEN], "doesn't say which eye it is; say it with --eye"),
        ("od_os.jpg", ["--time", WHEN], "doesn't say which eye it is"),
        ("P1_OD.jpg", [], "doesn't say when it was taken; say it with --time"),
        ("P1_OD.jpg", ["--time", WHEN, "--patient", "a\\b"], "--patient must be one line"),
        ("P1_OD.jpg", ["--time", WHEN, "--patient", "x" * 65], "--patient must be one line"),
        ("P1_OD.jpg", ["--time", WHEN, "--max-pixels", "100"], "more than the 100 allowed"),
        ("none_OD.jpg", ["--time", WHEN], "no such file"),
    ],
)
def test_what_cant_be_put_in_is_named_and_the_others_go_on(photo, tmp_path, name, words, said):
    bad = tmp_path / "in" / name
    bad.parent.mkdir()
    if not name.startswith("none"):
        shutil.copy(photo, bad)
    result = wrap(bad, "--out", tmp_path / "o", *words)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert [*(tmp_path / "o").iterdir()] == []


def test_a_folder_is_said_to_be_one(tmp_path):
    result = wrap(tmp_path, "--out", tmp_path / "out", "--time", WHEN)
    assert result.exit_code == 1
    assert "it is a folder; name the photos in it" in result.output


def test_a_damaged_photo_is_refused(photo, tmp_path):
    photo.write_bytes(photo.read_bytes()[:3000])
    result = wrap(photo, "--out", tmp_path / "o", "--time", WHEN)
    assert result.exit_code == 1
    assert "truncated" in result.stderr


def test_nothing_is_written_over(photo, wrapped, tmp_path):
    before = wrapped.read_bytes()
    again = wrap(photo, "--out", wrapped.parent, "--patient", "P1", "--time", WHEN)
    assert again.exit_code == 0
    other = wrap(photo, "--out", wrapped.parent, "--patient", "P2", "--time", WHEN)
    assert other.exit_code == 1
    assert "is there already; choose another folder" in other.stderr
    assert wrapped.read_bytes() == before


def test_two_photos_of_one_name_are_told_apart(photo, tmp_path):
    (tmp_path / "b").mkdir()
    second = shutil.copy(photo, tmp_path / "b" / "P1_OD.jpg")
    result = wrap(photo, second, "--out", tmp_path / "o", "--time", WHEN)
    assert result.exit_code == 1
    assert "P1_OD.dcm is there already" in result.stderr


@pytest.mark.parametrize(
    "word", ["--eye both", "--time yesterday"],
)  # fmt: skip
def test_a_wrong_option_is_told(photo, tmp_path, word):
    assert wrap(photo, "--out", tmp_path / "o", *word.split()).exit_code == 2


def test_what_is_said_besides_is_in_the_file_and_makes_it_another_object(photo):
    told = Said("P1", "H", None, datetime.datetime.fromisoformat(WHEN))
    others = {"name": "Doe Jane", "study": "1.2.3", "accession": "A-1"}
    made = [pydicom.dcmread(io.BytesIO(wrap_photo(photo, told)))]
    for keyword, word in others.items():
        said = structs.replace(told, **{keyword: word})
        made.append(pydicom.dcmread(io.BytesIO(wrap_photo(photo, said))))
    assert len({each.SOPInstanceUID for each in made}) == 4
    plain, named, of_study, numbered = made
    assert (named.PatientName, numbered.AccessionNumber) == ("Doe Jane", "A-1")
    assert of_study.StudyInstanceUID == "1.2.3" != plain.StudyInstanceUID
    assert of_study.SeriesInstanceUID != plain.SeriesInstanceUID == named.SeriesInstanceUID
    assert not plain.PatientName
