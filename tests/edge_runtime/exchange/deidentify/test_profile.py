"""What is written follows the table of the standard, and others find no error in it."""

import cv2
import numpy as np
import pydicom
import pytest
from make_fundus import draw_fundus
from pydicom.datadict import keyword_for_tag, tag_for_keyword

from edge_runtime.exchange.deidentify.kept import EMPTY, KEPT, Items, Uid
from edge_runtime.exchange.deidentify.photograph import How, deidentify_photograph
from edge_runtime.exchange.deidentify.profile import action_of, actions
from edge_runtime.exchange.deidentify.pseudonyms import Pseudonyms
from edge_runtime.hospital.read import read_dicom
from tests.edge_runtime.exchange.deidentify.planted import plant
from tests.edge_runtime.hospital.objects import OP8, SC, VL, item, jpeg_of, jpegs, make, save
from tests.edge_runtime.hospital.test_wrap import judged, needs_judge

MANY = "1.2.840.10008.5.1.4.1.1.7.4"
COMPLETE = {
    "StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.4", "Modality": "OP",
    "ImageType": ["ORIGINAL", "PRIMARY", "", "COLOR"], "InstanceNumber": 7, "SeriesNumber": 2,
    "StudyDate": "20240131", "StudyTime": "101112", "ContentDate": "20240131",
    "ContentTime": "101113", "BurnedInAnnotation": "NO", "LossyImageCompression": "00",
    "SynchronizationFrameOfReferenceUID": "1.2.3.5", "SynchronizationTrigger": "NO TRIGGER",
    "AcquisitionTimeSynchronized": "N", "ConversionType": "DI", "IssuerOfPatientID": "H",
    "AnatomicRegionSequence": [
        item(CodeValue="T-AA610", CodingSchemeDesignator="SRT", CodeMeaning="Jane's retina")
    ],
    "AcquisitionDeviceTypeCodeSequence": [
        item(CodeValue="409898007", CodingSchemeDesignator="SCT", CodeMeaning="Fundus Camera")
    ],
}  # fmt: skip


def made_of(file, people, **how):
    """De-identify a file and read what comes."""
    made = deidentify_photograph(file, How(**how), people)
    target = file.with_name(made.name.replace("/", "-"))
    target.write_bytes(made.data)
    return pydicom.dcmread(target)


def test_nothing_is_kept_that_the_table_takes_away():
    assert len(actions()) > 640
    for keyword, rule in KEPT.items():
        action = action_of(tag_for_keyword(keyword))
        assert action is None or isinstance(rule, Uid) or action == "X/Z/U*", keyword
        assert not isinstance(rule, Uid) or action in ("U", None), keyword
        for inner in rule.within if isinstance(rule, Items) else ():
            assert inner in KEPT
    assert {action_of(tag_for_keyword(keyword)) for keyword in EMPTY} == {"Z", None}
    assert [*map(action_of, (0x00091001, 0x50000010, 0x60023000))] == ["X"] * 3
    named = [keyword_for_tag(tag) for tag, action in actions().items() if action == "U"]
    assert {"StudyInstanceUID", "SOPInstanceUID", "TrackingUID"} <= {*named}


def test_each_attribute_of_the_table_comes_to_what_its_action_says(small_eye, people, tmp_path):
    data = make(small_eye, **COMPLETE)
    plant(data)
    made, before = made_of(save(data, tmp_path / "a.dcm"), people, is_looked_at=True), data
    seen = dict.fromkeys({*actions().values()}, 0)
    for tag, action in actions().items():
        if tag >> 16 == 2 or tag not in before:
            continue
        seen[action] += 1
        if action == "X":
            assert tag not in made, hex(tag)
        elif tag in made and not (made[tag].VR == "SQ" or made[tag].is_empty):
            assert made[tag].value != before[tag].value, hex(tag)
            assert action != "U" or str(made[tag].value).startswith("2.25.")
    assert min(seen.values()) > 0
    for element in made:
        assert element.keyword in KEPT or action_of(element.tag) != "X"


@needs_judge
@pytest.mark.parametrize("how", [{}, {"moves_dates": True}, {"paints": True, "is_looked_at": True}])
@pytest.mark.parametrize("sop_class", [OP8, VL, SC, MANY])
@pytest.mark.parametrize("form", ["samples", "jpeg", "frames"])
def test_the_judge_of_others_finds_no_error(eye, jpeg, people, tmp_path, how, sop_class, form):
    if form == "frames" and sop_class in (VL, SC):
        pytest.skip("these have one frame")
    data = make([eye, eye[::-1].copy()] if form == "frames" else eye, sop_class=sop_class)
    if form == "jpeg":
        data = jpegs(make(eye, sop_class=sop_class, photometric="YBR_FULL_422"), jpeg)
    for keyword, value in COMPLETE.items():
        setattr(data, keyword, value)
    if sop_class in (VL, SC, MANY):
        data.Modality = "XC"
        del data.ImageLaterality
    if form == "jpeg":
        data.LossyImageCompression, data.LossyImageCompressionRatio = "01", "10"
        data.LossyImageCompressionMethod = "ISO_10918_1"
    made_of(save(data, tmp_path / "a.dcm"), people, **how)
    (written,) = tmp_path.glob("P*.dcm")
    assert judged(written) == []


@needs_judge
def test_the_judge_finds_no_error_where_all_that_could_was_planted(small_eye, people, tmp_path):
    data = make(small_eye, **COMPLETE)
    plant(data)
    told = ("SynchronizationTrigger", "AcquisitionTimeSynchronized", "ImageType",
            "AcquisitionDeviceTypeCodeSequence", "LossyImageCompression", "StudyInstanceUID",
            "SeriesInstanceUID")  # fmt: skip
    for keyword in told:
        setattr(data, keyword, COMPLETE[keyword])
    data.ImageLaterality = "R"
    data.SOPInstanceUID, data.FrameOfReferenceUID = "1.2.9", "1.2.10"
    made_of(save(data, tmp_path / "a.dcm"), people, is_looked_at=True)
    (written,) = tmp_path.glob("P*.dcm")
    assert judged(written) == []


def test_a_code_keeps_its_meaning_in_the_words_of_the_standard(small_eye, people, tmp_path):
    made = made_of(save(make(small_eye, **COMPLETE), tmp_path / "a.dcm"), people)
    region = made.AnatomicRegionSequence[0]
    assert (region.CodeValue, region.CodingSchemeDesignator, region.CodeMeaning) == (
        "5665001", "SCT", "Retina",
    )  # fmt: skip
    unknown = item(CodeValue="7", CodingSchemeDesignator="99JANE", CodeMeaning="Jane")
    data = make(small_eye, **{**COMPLETE, "AnatomicRegionSequence": [unknown]})
    made = made_of(save(data, tmp_path / "a.dcm"), people)
    assert made.AnatomicRegionSequence[0].CodeMeaning == "Eye"


def test_studies_stay_together_and_another_key_gives_other_uids(small_eye, people, tmp_path):
    files = [
        save(make(small_eye, **{**COMPLETE, "SOPInstanceUID": f"1.2.{each}"}), tmp_path / f"{each}")
        for each in (1, 2)
    ]
    one, two = (made_of(each, people) for each in files)
    other = made_of(files[0], Pseudonyms(bytes(32)))
    assert one.StudyInstanceUID == two.StudyInstanceUID
    assert one.SOPInstanceUID != two.SOPInstanceUID
    assert one.SOPInstanceUID == one.file_meta.MediaStorageSOPInstanceUID
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientID",
                    "SynchronizationFrameOfReferenceUID"):  # fmt: skip
        assert one[keyword].value != other[keyword].value
        assert one[keyword].value.is_valid if keyword.endswith("UID") else True
    assert one.SOPClassUID == OP8


def test_a_persons_dates_are_moved_by_the_same_days(small_eye, people, tmp_path):
    moments = ("20240131", "20240229", "20250131")
    files = [
        save(make(small_eye, **{**COMPLETE, "StudyDate": each, "SOPInstanceUID": f"1.2.{each}",
                                "AcquisitionDateTime": f"{each}101112.123+0100"}),
             tmp_path / each)
        for each in moments
    ]  # fmt: skip
    made = [made_of(each, people, moves_dates=True) for each in files]
    days = people.days(made[0].PatientID)
    assert 365 <= days <= 3650
    for before, after in zip(moments, made, strict=True):
        gone = np.datetime64(f"{before[:4]}-{before[4:6]}-{before[6:]}") - np.timedelta64(days, "D")
        assert after.StudyDate == str(gone).replace("-", "")
        assert after.AcquisitionDateTime == f"{after.StudyDate}101112"
        assert after.LongitudinalTemporalInformationModified == "MODIFIED"
    data = make(small_eye, **{**COMPLETE, "PatientID": "P2"})
    other = made_of(save(data, tmp_path / "b"), people, moves_dates=True)
    assert people.days(other.PatientID) != days


def test_without_dates_no_time_is_told_to_whoever_reads_the_photo(small_eye, people, tmp_path):
    file = save(make(small_eye, **COMPLETE), tmp_path / "a.dcm")
    assert read_dicom(file).facts.acquired
    made = deidentify_photograph(file, How(), people)
    (tmp_path / "b.dcm").write_bytes(made.data)
    facts = read_dicom(tmp_path / "b.dcm").facts
    assert facts.acquired == ""
    assert facts.laterality == "R"
    assert facts.patient_id == made.name.partition("/")[0]


def test_a_number_that_may_be_somebodys_or_a_time_gets_another(small_eye, people, tmp_path):
    def numbers(value):
        data = make(small_eye, **{**COMPLETE, "InstanceNumber": value})
        return made_of(save(data, tmp_path / "a.dcm"), people).InstanceNumber

    assert numbers(7) == 7
    assert numbers(36673) not in (36673, 7)  # as "wrap" writes the second of the day
    assert numbers(36673) == numbers(36673) > 999


@pytest.mark.parametrize("deep", [False, True])
def test_a_grey_picture_is_painted_with_what_is_shown_black(eye, people, tmp_path, deep):
    grey = cv2.cvtColor(eye, cv2.COLOR_RGB2GRAY)
    shown_inverted = (65535 - (grey.astype(np.uint16) << 8)) if deep else 255 - grey
    data = make(shown_inverted, photometric="MONOCHROME1", BurnedInAnnotation="YES")
    made = made_of(save(data, tmp_path / "a.dcm"), people, paints=True)
    assert made.pixel_array[0, 0] == (65535 if deep else 255)
    assert np.array_equal(made.pixel_array[80:160, 120:200], shown_inverted[80:160, 120:200])


def test_colours_of_another_profile_come_as_srgb_without_it(eye, people, tmp_path):
    from tests.edge_runtime.profiles import rgb_profile

    data = make(eye, ICCProfile=rgb_profile("Adobe RGB", curve=2.2), BurnedInAnnotation="NO")
    file = save(data, tmp_path / "a.dcm")
    made = made_of(file, people)
    assert "ICCProfile" not in made
    assert np.array_equal(made.pixel_array, read_dicom(file).decoded.pixels)
    assert not np.array_equal(made.pixel_array, eye)


def test_tables_of_tones_and_colours_stay_where_they_are_used_alone(eye, people, tmp_path):
    tones = np.arange(0, 65536, 256, dtype="<u2")

    def kept(photometric, pixels, words=b""):
        lut = item(LUTDescriptor=[256, 0, 16], LUTData=tones.tobytes() + words,
                   LUTExplanation="Jane", ModalityLUTType="US")  # fmt: skip
        told = {"BurnedInAnnotation": "NO", "ModalityLUTSequence": [lut]}
        for colour in ("Red", "Green", "Blue"):
            told[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 8]
            told[f"{colour}PaletteColorLookupTableData"] = bytes(range(256)) + words
        file = save(make(pixels, photometric=photometric, sop_class=SC, **told), tmp_path / "a.dcm")
        return file, made_of(file, people)

    numbers = cv2.cvtColor(eye, cv2.COLOR_RGB2GRAY)
    kinds = {"RGB": eye, "PALETTE COLOR": numbers, "MONOCHROME2": numbers}
    for photometric, pixels in kinds.items():
        kept(photometric, pixels, b"Jane Doe")
        (written,) = tmp_path.glob("P*.dcm")
        assert b"Jane" not in written.read_bytes()
        written.unlink()
        file, made = kept(photometric, pixels)
        (written,) = tmp_path.glob("P*.dcm")
        assert ("ModalityLUTSequence" in made) == (photometric == "MONOCHROME2")
        assert ("RedPaletteColorLookupTableData" in made) == (photometric == "PALETTE COLOR")
        assert (read_dicom(written).decoded.pixels == read_dicom(file).decoded.pixels).all()
        written.unlink()


def test_a_large_jpeg_is_painted_at_its_whole_size(people, tmp_path):
    large = cv2.resize(draw_fundus("normal", seed=1, size=(480, 640)), (3600, 2700))
    cv2.putText(large, "JANE", (30, 150), cv2.FONT_HERSHEY_SIMPLEX, 4, (255, 255, 255), 9)
    data = jpegs(make(large, photometric="YBR_FULL_422"), jpeg_of(large, colorspace="RGB"))
    made = made_of(save(data, tmp_path / "a.dcm"), people, paints=True)
    assert (made.Rows, made.Columns) == (2700, 3600)
    assert made.pixel_array[:200, :600].max() == 0
    middle = made.pixel_array[1200:1500, 1600:2000].astype(int)
    assert np.abs(middle - large[1200:1500, 1600:2000]).mean() < 4
