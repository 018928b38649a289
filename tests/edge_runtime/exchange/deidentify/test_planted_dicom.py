"""Nothing of what is planted into a DICOM file is found in the one that is made of it."""

import struct

import cv2
import numpy as np
import pydicom
import pytest
from pydicom.encaps import get_frame
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from tests.edge_runtime.exchange.deidentify.planted import MARKS, found_below, found_in, plant
from tests.edge_runtime.files import jpeg_with_exif
from tests.edge_runtime.hospital.objects import ALL_NATIVE, OP8, SC, VL, jpegs, make, save


def only(folder):
    """Read the one DICOM file below a folder."""
    (made,) = folder.rglob("*.dcm")
    return pydicom.dcmread(made)


def planted_jpeg(jpeg):
    """Put a name into each segment of a JPEG that takes one, and behind its end."""
    text, name = b"Zyxwv 4815162342 19530417", "Zyxwv".encode("utf-16-le")
    bodies = (
        (0xFE, text), (0xED, b"Photoshop 3.0\0" + text), (0xE1, b"http://ns.adobe.com/" + text),
        (0xE5, text), (0xEC, name), (0xE0, b"JFXX\0\x10" + text), (0xE2, b"FPXR\0" + text),
    )  # fmt: skip
    segments = b"".join(
        bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body for marker, body in bodies
    )
    whole = jpeg_with_exif(jpeg, 1, preview=text + name)
    return whole[:2] + segments + whole[2:] + text


@pytest.mark.parametrize(
    ("sop_class", "syntax"),
    [*((OP8, syntax) for syntax in ALL_NATIVE), *((c, ALL_NATIVE[1]) for c in (VL, SC))],
)
def test_no_identifier_of_any_attribute_is_found(
    small_eye, deidentify, tmp_path, sop_class, syntax
):
    data = make(small_eye, sop_class=sop_class, syntax=syntax)
    assert plant(data) > 3800
    file = save(data, tmp_path / "Zyxwv_4815162342.dcm")
    is_packed = syntax == DeflatedExplicitVRLittleEndian
    assert is_packed or found_in(file.read_bytes()) == {*MARKS} - {"4.81516"}
    result = deidentify(file, "--looked-at")
    assert result.exit_code == 0, result.output
    assert found_below(tmp_path / "out") == {}


def test_where_dates_are_moved_nothing_but_those_stays(small_eye, deidentify, tmp_path):
    data = make(small_eye)
    plant(data)
    assert deidentify(save(data, tmp_path / "a.dcm"), "--looked-at", "--move-dates").exit_code == 0
    assert found_below(tmp_path / "out") == {}
    assert only(tmp_path / "out").StudyTime == "112233"


def test_the_search_can_find_what_is_planted(small_eye, tmp_path):
    for keyword in ("PatientComments", "ManufacturerModelName"):
        file = save(make(small_eye, **{keyword: "Dr. zYXWV"}), tmp_path / f"{keyword}.dcm")
        assert found_in(file.read_bytes())
    assert found_in("x zyxwv".encode("utf-16-be"))
    assert found_in(b"", "Zyxwv.jpg")


def test_what_stands_in_and_behind_a_jpeg_goes_and_its_picture_stays(
    eye, jpeg, deidentify, tmp_path
):
    data = jpegs(make(eye, photometric="YBR_FULL_422"), planted_jpeg(jpeg))
    plant(data)
    file = save(data, tmp_path / "a.dcm")
    result = deidentify(file, "--looked-at")
    assert result.exit_code == 0, result.output
    assert found_below(tmp_path / "out") == {}
    made = only(tmp_path / "out")
    assert made.file_meta.TransferSyntaxUID == JPEGBaseline8Bit
    assert np.array_equal(made.pixel_array, pydicom.dcmread(file).pixel_array)


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless])
def test_other_compressed_frames_become_samples_without_loss(
    small_eye, deidentify, tmp_path, syntax
):
    data = make(small_eye, BurnedInAnnotation="NO")
    data.compress(syntax, generate_instance_uid=False)
    text = b"Zyxwv 4815162342"
    frame = get_frame(data.PixelData, 0, number_of_frames=1)
    if syntax == JPEG2000Lossless:  # a comment in its codestream
        comment = b"\xff\x64" + struct.pack(">HH", len(text) + 4, 1) + text
        at = frame.index(b"\xff\x52")
        frame = frame[:at] + comment + frame[at:]
    file = save(jpegs(data, frame + text, syntax=syntax), tmp_path / "a.dcm")
    assert found_in(file.read_bytes())
    result = deidentify(file)
    assert result.exit_code == 0, result.output
    assert found_below(tmp_path / "out") == {}
    made = only(tmp_path / "out")
    assert made.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert made.PhotometricInterpretation == "RGB"
    assert np.array_equal(made.pixel_array, small_eye)


def test_bits_that_arent_in_use_and_bytes_behind_the_pixels_go(small_eye, deidentify, tmp_path):
    grey = small_eye[..., 1].astype(np.uint16) << 4
    data = make(grey | 0xA000, bits=12, sop_class=SC, BurnedInAnnotation="NO")
    data.PixelData += b"Zyxwv 4815162342"
    data.add_new(0xFFFCFFFC, "OB", b"Zyxwv ")
    assert deidentify(save(data, tmp_path / "a.dcm")).exit_code == 0
    assert found_below(tmp_path / "out") == {}
    assert np.array_equal(np.frombuffer(only(tmp_path / "out").PixelData, "<u2"), grey.reshape(-1))


def test_a_text_in_the_corner_is_painted_over_and_the_eye_stays(eye, deidentify, tmp_path):
    named = eye.copy()
    place = (int(eye.shape[1] * 0.01), int(eye.shape[0] * 0.06))
    cv2.putText(named, "ZYXWV", place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1)
    assert (named != eye).any()
    file = save(make(named, BurnedInAnnotation="YES"), tmp_path / "a.dcm")
    refused = deidentify(file)
    assert refused.exit_code == 1
    assert "says that text stands in its picture; look at it" in refused.stderr
    assert deidentify(file, "--clean-pixels").exit_code == 0
    made = only(tmp_path / "out")
    changed = (made.pixel_array != eye).any(axis=2)
    assert (made.pixel_array[changed] == 0).all()  # nothing of the text, and all else as it was
    assert not changed[80:160, 120:200].any()
    assert made.BurnedInAnnotation == "YES"  # nobody looked into the field
    assert "inside not looked at" in made.DeidentificationMethod


def test_a_text_in_a_bar_that_cuts_the_field_is_painted_over(eye, deidentify, tmp_path):
    barred, height = eye.copy(), eye.shape[0]
    bar = slice(height - height // 6, height)
    barred[bar] = 0
    cv2.putText(barred[bar], "ZYXWV", (eye.shape[1] // 3, height // 8),
                cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1)  # fmt: skip
    file = save(make(barred, BurnedInAnnotation="YES"), tmp_path / "a.dcm")
    result = deidentify(file, "--clean-pixels", "--looked-at")
    assert result.exit_code == 0, result.output
    made = only(tmp_path / "out")
    assert (made.pixel_array[bar][height // 24 :] == 0).all()
    assert made.BurnedInAnnotation == "NO"
    codes = [each.CodeValue for each in made.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113101"]
