"""``dicom deidentify``: what it writes, what it refuses, and one sentence for what is hostile."""

import random
import shutil
import subprocess
import sys

import numpy as np
import pydicom
import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from tests.edge_runtime.exchange.deidentify.test_profile import COMPLETE
from tests.edge_runtime.hospital.objects import CT, OP8, jpegs, make, save


@pytest.fixture
def study(small_eye, tmp_path):
    """A folder of two photographs of one person and one of another."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number, patient in enumerate(("P1", "P1", "P2")):
        told = {**COMPLETE, "PatientID": patient, "SOPInstanceUID": f"1.2.{number}"}
        save(make(small_eye, **told), folder / f"{patient}_{number}.dcm")
    return folder


def test_each_person_has_a_folder_called_by_the_pseudonym(study, deidentify, tmp_path):
    result = deidentify(study)
    assert result.exit_code == 0, result.output
    assert result.stderr == "3 of 3 files de-identified\n"
    files = sorted((tmp_path / "out").rglob("*.dcm"))
    assert result.stdout.splitlines() == [*map(str, files)] or len(files) == 3
    folders = {each.parent.name for each in files}
    assert len(folders) == 2
    for each in files:
        read = pydicom.dcmread(each)
        assert read.PatientID == each.parent.name
        assert each.name.startswith(f"{read.PatientID}_")
        assert oct(each.stat().st_mode)[-3:] == "600"
        assert read.PatientIdentityRemoved == "YES"


def test_again_it_gives_the_same_bytes_and_writes_nothing_over(study, deidentify, tmp_path):
    def written():
        return {each.name: each.read_bytes() for each in (tmp_path / "out").rglob("*.dcm")}

    deidentify(study)
    before = written()
    assert deidentify(study).exit_code == 0
    assert written() == before
    refused = deidentify(study, "--move-dates")
    assert refused.exit_code == 1
    assert refused.stderr.count("is there already") == 3
    assert written() == before


def test_without_a_file_nothing_leads_back_and_each_call_gives_others(study, tmp_path):
    def names(out):
        given = ["dicom", "deidentify", str(study), "--out", str(tmp_path / out)]
        assert CliRunner().invoke(main, given).exit_code == 0
        return {each.name for each in (tmp_path / out).iterdir()}

    assert not names("a") & names("b")


def test_a_key_that_would_be_handed_on_is_refused(study, tmp_path):
    for place in (tmp_path / "out" / "k.json", study / "k.json"):
        given = ["dicom", "deidentify", study, "--out", tmp_path / "out", "--pseudonyms", place]
        result = CliRunner().invoke(main, [*map(str, given)])
        assert result.exit_code == 1
        assert "kept apart" in result.stderr
        assert not place.exists()


def test_what_isnt_a_dicom_photograph_is_named_and_the_others_go_on(
    study, photo_file, small_eye, deidentify, tmp_path
):
    shutil.copy(photo_file, study / "P9_OD.jpg")
    save(make(small_eye, sop_class=CT), study / "ct.dcm")
    result = deidentify(study)
    assert result.exit_code == 1
    assert "P9_OD.jpg: isn't DICOM; make it so with 'fundus-edge dicom wrap'" in result.stderr
    assert "CT Image" in result.stderr
    assert "3 of 4 files" in result.stderr
    named = deidentify(study / "ct.dcm")
    assert named.exit_code == 1
    assert "is no photograph but CT Image; leave it out" in named.stderr


def test_those_of_nobody_share_a_pseudonym_within_their_study_alone(
    small_eye, deidentify, tmp_path
):
    for number, study in enumerate(("1.2.7", "1.2.7", "1.2.8")):
        told = {**COMPLETE, "PatientID": "ANONYMOUS", "StudyInstanceUID": study,
                "SOPInstanceUID": f"1.2.3.{number}"}  # fmt: skip
        save(make(small_eye, **told), tmp_path / f"{number}.dcm")
    deidentify(*(tmp_path / f"{number}.dcm" for number in range(3)))
    assert len([*(tmp_path / "out").iterdir()]) == 2


def test_a_picture_without_a_field_isnt_painted_but_refused(deidentify, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    result = deidentify(save(make(noise), tmp_path / "a.dcm"), "--clean-pixels")
    assert result.exit_code == 1
    assert "has no round field that was found" in result.stderr
    assert [*(tmp_path / "out").iterdir()] == []


def test_a_bomb_of_packed_frames_is_refused_before_it_is_unpacked(small_eye, deidentify, tmp_path):
    data = make(small_eye, BurnedInAnnotation="NO")
    data.compress("1.2.840.10008.1.2.5", generate_instance_uid=False)
    frame = pydicom.encaps.get_frame(data.PixelData, 0, number_of_frames=1)
    data.NumberOfFrames = 900
    file = save(jpegs(data, *[frame] * 900, syntax="1.2.840.10008.1.2.5"), tmp_path / "a.dcm")
    result = deidentify(file, "--max-pixels", "1000000")
    assert result.exit_code == 1
    assert "would have more than 1000000 pixels once it is unpacked" in result.stderr


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"NumberOfFrames": 5}, "is truncated: photos that it claims aren't there"),
        ({"NumberOfFrames": 5000}, "claims 5000 photos"),
        ({"Rows": 60000, "Columns": 60000}, "more than the"),
        ({"Rows": 0}, "it has no size"),
        ({"BitsAllocated": 32}, "which isn't read"),
        ({"PhotometricInterpretation": "JANE"}, "colours of a kind that isn't read"),
        ({"BurnedInAnnotation": None}, "doesn't say whether text stands in its picture"),
        ({"BurnedInAnnotation": "MAYBE"}, "doesn't say whether text stands in its picture"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(small_eye, deidentify, tmp_path, tags, said):
    told = {"BurnedInAnnotation": "NO"}
    data = make(small_eye, **told)
    for name, value in tags.items():
        if value is None:
            delattr(data, name)
        else:
            setattr(data, name, value)
    result = deidentify(save(data, tmp_path / "a.dcm"))
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("Error") == 1
    assert "JANE" not in result.stderr
    assert [*(tmp_path / "out").rglob("*.dcm")] == []


def test_spoilt_files_end_in_a_sentence_or_in_a_file(small_eye, jpeg, eye, deidentify, tmp_path):
    draw = random.Random(0)
    whole = [
        save(make(small_eye, **COMPLETE), tmp_path / "n.dcm").read_bytes(),
        save(jpegs(make(eye, photometric="YBR_FULL_422", **COMPLETE), jpeg), tmp_path / "j.dcm")
        .read_bytes(),
    ]  # fmt: skip
    folder = tmp_path / "spoilt"
    folder.mkdir()
    for number in range(120):
        data = bytearray(draw.choice(whole))
        for _ in range(draw.randint(1, 6)):
            data[draw.randrange(132, min(len(data), 3000))] = draw.randrange(256)
        if draw.random() < 0.3:
            del data[draw.randrange(140, len(data)) :]
        (folder / f"{number}.dcm").write_bytes(data)
    result = deidentify(folder, "--clean-pixels")
    assert result.exit_code in (0, 1)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    written = [*(tmp_path / "out").rglob("*.dcm")]
    assert written
    for each in written:
        assert pydicom.dcmread(each).PatientIdentityRemoved == "YES"


def test_a_run_of_jpegs_loads_none_of_it():
    code = (
        "import sys; from edge_runtime.commands.main import main\n"
        "try: main(['dicom', 'deidentify', '--help'])\n"
        "except SystemExit: pass\n"
        "assert not {'pydicom', 'cv2', 'edge_runtime.photo.decode'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_no_word_for_colours_but_a_known_one_is_written(jpeg, eye, deidentify, tmp_path):
    data = jpegs(make(eye, photometric="DOE JANE", BurnedInAnnotation="NO"), jpeg)
    assert deidentify(save(data, tmp_path / "a.dcm")).exit_code == 1
    assert [*(tmp_path / "out").iterdir()] == []


def test_all_frames_of_a_file_are_written(eye, deidentify, tmp_path):
    data = make([eye, eye[:, ::-1].copy()], sop_class=OP8, BurnedInAnnotation="NO")
    assert deidentify(save(data, tmp_path / "a.dcm")).exit_code == 0
    (made,) = (tmp_path / "out").rglob("*.dcm")
    assert np.array_equal(pydicom.dcmread(made).pixel_array, np.stack([eye, eye[:, ::-1]]))
