"""Files of makers that lack what must be there, or have what may not."""

import subprocess
import sys

import pytest

from tests.edge_runtime.exchange.deidentify.test_profile import COMPLETE, made_of
from tests.edge_runtime.hospital.objects import OP8, SC, item, make, save
from tests.edge_runtime.hospital.test_wrap import judged, needs_judge

LACKING = (
    "SynchronizationFrameOfReferenceUID", "SynchronizationTrigger", "AcquisitionTimeSynchronized",
    "AnatomicRegionSequence", "AcquisitionDeviceTypeCodeSequence",
)  # fmt: skip


@needs_judge
@pytest.mark.parametrize("unknown", [False, True])
def test_what_an_ophthalmic_photograph_must_have_is_filled_in(small_eye, people, tmp_path, unknown):
    data = make(small_eye, **COMPLETE)
    for keyword in LACKING:
        del data[keyword]
    if unknown:
        code = item(CodeValue="7", CodingSchemeDesignator="99JANE", CodeMeaning="Jane")
        data.AnatomicRegionSequence = data.AcquisitionDeviceTypeCodeSequence = [code]
    made = made_of(save(data, tmp_path / "a.dcm"), people)
    (written,) = tmp_path.glob("P*.dcm")
    assert judged(written) == []
    assert made.AnatomicRegionSequence[0].CodeMeaning == "Eye"


def test_one_study_has_one_clock_and_other_classes_get_none(small_eye, people, tmp_path):
    def clock(study, sop_class):
        data = make(small_eye, sop_class=sop_class, **{**COMPLETE, "StudyInstanceUID": study})
        del data.SynchronizationFrameOfReferenceUID
        made = made_of(save(data, tmp_path / "a.dcm"), people)
        return made.get("SynchronizationFrameOfReferenceUID")

    assert clock("1.2.7", OP8) == clock("1.2.7", OP8) != clock("1.2.8", OP8)
    assert clock("1.2.7", SC) is None


def test_a_patients_id_that_is_too_long_is_no_warning_of_others(small_eye, tmp_path):
    file = save(make(small_eye, **{**COMPLETE, "PatientID": "7" * 200}), tmp_path / "a.dcm")
    command = ["dicom", "deidentify", file, "--out", tmp_path / "out"]
    code = "from edge_runtime.commands.main import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", code, *command], check=True, capture_output=True, text=True
    )
    assert ran.stderr == "1 of 1 files de-identified\n"
