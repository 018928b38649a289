"""What the tests of what goes out share."""

import shutil

import cv2
import pydicom
import pytest
from click.testing import CliRunner
from PIL import Image

from edge_runtime.commands.main import main
from edge_runtime.photo.decode import decode
from tests.conftest import ROOT
from tests.edge_runtime.hospital.objects import make, save

RETINA = ROOT / "examples" / "retina.jpg"  # a left eye that is graded
STUDY, SERIES = "1.2.826.0.1.3680043.8.498.5", "1.2.826.0.1.3680043.8.498.6"


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture(scope="session")
def eyes():
    """The pixels of a left eye and of the same as a right one, small."""
    left = cv2.resize(decode(RETINA.read_bytes()).pixels, (400, 400), interpolation=cv2.INTER_AREA)
    return {"L": left, "R": left[:, ::-1].copy()}


@pytest.fixture(scope="session")
def hospital(eyes, tmp_path_factory):
    """A folder of photos of all kinds, and what a run made of it.

    P1 has both eyes in DICOM, and a photo of which the file says both; Q7 one eye in a file of two
    photos; J2 both eyes as JPEGs, of which one tells when it was taken; E9 an unreadable one;
    D3 one that is too dark; "scan" is nobody's, and one person is called by a hostile name.
    """
    folder = tmp_path_factory.mktemp("hospital")
    photos = folder / "photos"
    photos.mkdir()
    whose = {
        "PatientName": "Müller^Änne", "PatientBirthDate": "19500102", "PatientSex": "F",
        "StudyInstanceUID": STUDY, "SeriesInstanceUID": SERIES, "StudyDate": "20240131",
        "StudyTime": "101112", "StudyID": "S1", "AccessionNumber": "A-1",
        "SpecificCharacterSet": "ISO_IR 192",
    }  # fmt: skip
    for number, word in enumerate(("R", "L", "B"), 1):
        pixels = eyes["L" if word == "B" else word]
        tags = {**whose, "PatientID": "Ñandú-7", "IssuerOfPatientID": "H", "ImageLaterality": word}
        save(make(pixels, SOPInstanceUID=f"{SERIES}.{number}", **tags), photos / f"IM{number}")
    tags = {**whose, "PatientID": "Q7", "PatientName": None, "ImageLaterality": "L",
            "StudyInstanceUID": f"{STUDY}.7", "SeriesInstanceUID": f"{SERIES}.7"}  # fmt: skip
    save(
        make([eyes["L"], eyes["L"] // 12], SOPInstanceUID=f"{SERIES}.7.1", **tags), photos / "Q.dcm"
    )
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2023:05:06 07:08:09"
    Image.fromarray(eyes["R"]).save(photos / "J2_OD.jpg", exif=exif, quality=95)
    shutil.copy(RETINA, photos / "J2_OS.jpg")
    (photos / "E9_OS.jpg").write_bytes(RETINA.read_bytes()[:3000])
    Image.fromarray(eyes["L"] // 12).save(photos / "D3_OS.png")
    Image.fromarray(eyes["L"]).save(photos / "scan.png")
    Image.fromarray(eyes["L"]).save(photos / "<b>&'\"\\O=Doe^_OS.png")
    out = folder / "out"
    told = run("predict", photos, "--out", out, "--class", "all")
    assert told.exit_code == 1, told.output  # for the unreadable one
    return folder


@pytest.fixture(scope="session")
def reports(hospital):
    """The objects that are made of it, a folder for each person."""
    told = run("dicom", "report", hospital / "out", "--out", hospital / "dicom")
    assert told.exit_code == 0, told.output
    return hospital / "dicom"


@pytest.fixture
def copied(hospital, tmp_path):
    """A copy of photos and results that a test may break; the results know the old photos."""
    return shutil.copytree(hospital, tmp_path / "copied")


def objects(folder, pattern="*.dcm"):
    """Read all objects below a folder, by file."""
    return {file: pydicom.dcmread(file) for file in sorted(folder.rglob(pattern))}


def photos_of(hospital):
    """List the DICOM files among the photos."""
    return [*(hospital / "photos").glob("IM*"), hospital / "photos" / "Q.dcm"]
