"""DICOM files in the inbox: each photograph once, its person and eye by the file's word alone."""

import shutil
from collections import Counter

import cv2
import numpy as np
import pytest

from edge_runtime.hospital.installed import INSTALL
from edge_runtime.hospital.kinds import OVERLAY_MARK
from edge_runtime.predict.record import UngradableRecord
from edge_runtime.station.archive import REST, Archive
from edge_runtime.station.arrivals import GIVEN_UP, Arrivals
from edge_runtime.station.camp_report import camp_report
from edge_runtime.station.dicom_files import DicomFiles
from edge_runtime.station.events import EyeTold, PersonCalled, PersonOpened
from edge_runtime.station.fresh import AT_ONCE
from edge_runtime.station.hints import Hints
from edge_runtime.station.intake import Intake
from edge_runtime.station.originals import content_of, original_of
from tests.conftest import EXAMPLE_PHOTO
from tests.edge_runtime.hospital.objects import CT, SC, item, jpeg_of, jpegs, make, save
from tests.edge_runtime.station.camps import Clock
from tests.edge_runtime.station.taking_in import names, swept

SMALL = np.zeros((60, 80, 3), np.uint8)


def frames(count):
    return [np.full_like(SMALL, number) for number in range(count)]


@pytest.fixture(scope="module")
def eye():
    """A right eye that gets a class: the example's left one, mirrored."""
    read = cv2.imread(str(EXAMPLE_PHOTO))[:, ::-1, ::-1]
    return np.ascontiguousarray(cv2.resize(read, (700, 700), interpolation=cv2.INTER_AREA))


def test_a_file_by_any_name_comes_in_with_the_persons_id_eye_and_time_that_it_tells(
    intake, inbox, store, eye
):
    store.happen(PersonOpened(1, "of another"), PersonCalled(1))
    told = {
        "PatientID": "Ñ-7",
        "IssuerOfPatientID": "H",
        "AcquisitionDateTime": "20240131101112.5+0100",
    }
    save(make(eye, SpecificCharacterSet="ISO_IR 192", **told), inbox / "IM000001")
    swept(intake)
    (photo,) = store.camp.photos.values()
    assert (photo.path, photo.taken, photo.eye) == ("IM000001", "2024-01-31T10:11:12", "right")
    assert (photo.eye_in_name, photo.eye_by_disc, photo.caution) == (None, "right", None)
    assert store.camp.told[1].eye_told_by == "file"
    assert store.camp.people[store.camp.told[1].person].given_id == "Ñ-7"
    assert store.record_of(1).dicom.patient_id == "Ñ-7"
    assert Hints(store.camp).of(store.camp.told[1].person) == []
    assert (intake.arrivals.unread, intake.arrivals.still_coming()) == ((), ())


def test_one_id_of_two_issuers_is_two_persons_and_of_one_it_is_one_whatever_files_are_called(
    intake, inbox, store
):
    for number, (name, issuer) in enumerate(
        [("P1_OD.dcm", "A"), ("P2/x.dcm", "A"), ("P1_OS.dcm", "B"), ("none.dcm", "")]
    ):
        (inbox / name).parent.mkdir(exist_ok=True)
        save(make(SMALL + number, PatientID="7", IssuerOfPatientID=issuer), inbox / name)
    swept(intake)
    people = {each.number: each.given_id for each in store.camp.people.values()}
    by_name = {store.camp.photos[n].path: told.person for n, told in store.camp.told.items()}
    assert set(people.values()) == {"7"}
    assert by_name["P1_OD.dcm"] == by_name["P2/x.dcm"]
    assert len({*by_name.values()}) == 3


def test_an_id_that_an_operator_typed_is_that_persons(intake, inbox, store):
    store.happen(PersonOpened(1, "p7"), PersonOpened(2, "8"), PersonCalled(2))
    save(make(SMALL, PatientID="P7"), inbox / "a.dcm")
    swept(intake)
    assert store.camp.told[1].person == 1


@pytest.mark.parametrize("patient", ["", "ANONYMOUS", "0"])
def test_without_an_id_it_is_of_who_was_called_and_not_of_whom_the_name_tells(
    intake, inbox, store, patient
):
    store.happen(PersonOpened(1, "17"), PersonCalled(1))
    save(make(SMALL, PatientID=patient), inbox / "P18_OD.dcm")
    swept(intake)
    assert store.camp.told[1].person == 1


@pytest.mark.parametrize(
    ("word", "name", "doubt"),
    [(None, "a", "absent"), ("B", "a", "both"), ("U", "a", "unknown"), ("R", "a_OS", "name"),
     ("L", "a", "disc")],
)  # fmt: skip
def test_a_doubt_takes_the_eye_away_and_is_asked_until_the_operator_says_it(
    intake, inbox, store, eye, word, name, doubt
):
    save(make(eye, ImageLaterality=word), inbox / f"{name}.dcm")
    swept(intake)
    photo = store.camp.photos[1]
    assert (photo.eye, photo.dicom.doubt, photo.caution) == (None, doubt, None)
    assert photo.side_doubt
    (hint,) = Hints(store.camp).of(1)
    assert (hint.kind, hint.photo) == ("untold", 1)
    store.happen(EyeTold(1, "right"))
    assert [each.kind for each in Hints(store.camp).of(1)] == []
    assert (store.camp.told[1].eye, store.camp.told[1].eye_told_by) == ("right", "operator")


def test_each_photo_of_a_file_of_several_comes_in_once_however_often_it_is_looked_at(
    intake, inbox, store
):
    save(make(frames(11)), inbox / "scan.dcm")
    shutil.copy(inbox / "scan.dcm", inbox / "copy")
    for _ in range(5):
        swept(intake)
    assert names(store) == [f"scan.dcm#{n}" for n in range(1, 12)] or names(store) == [
        f"copy#{n}" for n in range(1, 12)
    ]
    assert AT_ONCE < 11
    assert intake.arrivals.still_coming() == ()
    again = Intake(inbox, store, intake._classifier)
    again.arrivals.clock = Clock()
    before = len(store.seen())
    swept(again)
    assert (len(store.camp.photos), len(store.seen())) == (11, before)
    assert store.camp.files.broken == {}
    assert [store.record_of(n).dicom.frame for n in (1, 11)] == [1, 11]


def test_a_station_that_was_killed_within_a_file_goes_on_behind_its_last_photo(
    intake, inbox, store
):
    save(make(frames(11)), inbox / "scan.dcm")
    swept(intake)
    assert len(store.camp.photos) == AT_ONCE
    again = Intake(inbox, store, intake._classifier)
    again.arrivals.clock = Clock()
    for _ in range(3):
        swept(again)
    assert Counter(names(store)) == Counter(f"scan.dcm#{n}" for n in range(1, 12))


def test_a_file_of_several_that_isnt_there_to_its_end_is_waited_for(intake, inbox, store):
    whole = save(make(frames(4)), inbox.parent / "whole.dcm").read_bytes()
    (inbox / "scan.dcm").write_bytes(whole[: len(whole) - 3 * SMALL.size // 2])
    swept(intake)
    assert names(store) == []
    (inbox / "scan.dcm").write_bytes(whole)
    for _ in range(3):
        swept(intake)
    assert names(store) == [f"scan.dcm#{n}" for n in range(1, 5)]
    assert store.camp.files.broken == {}


@pytest.mark.parametrize("kind", ["native", "jpeg"])
def test_a_file_that_is_written_slowly_comes_in_once_and_is_never_said_to_break_off(
    intake, inbox, store, kind
):
    made = make(frames(4), photometric="YBR_FULL_422" if kind == "jpeg" else None)
    if kind == "jpeg":
        made = jpegs(made, *map(jpeg_of, frames(4)))
    whole = save(made, inbox.parent / "whole.dcm").read_bytes()
    begins = whole.rindex(b"\xe0\x7f\x10\x00")
    step = (len(whole) - begins) // 7
    cuts = [begins, begins + 2, begins + 6, *range(begins + 8, len(whole) - 9, step)]
    for cut in [*cuts, len(whole) - 9, len(whole) - 1]:
        (inbox / "scan.dcm").write_bytes(whole[:cut])
        swept(intake, after_s=2.5)
        assert (names(store), store.camp.files.broken) == ([], {}), cut
    (inbox / "scan.dcm").write_bytes(whole)
    for _ in range(3):
        swept(intake)
    assert names(store) == [f"scan.dcm#{n}" for n in range(1, 5)]
    assert store.camp.files.broken == {}


def test_an_overlay_of_ours_is_passed_over(intake, inbox, store):
    mark = ["DERIVED", "SECONDARY", "", OVERLAY_MARK]
    save(make(SMALL, sop_class=SC, ImageType=mark), inbox / "overlay.dcm")
    for _ in range(2):
        swept(intake, after_s=GIVEN_UP)
    assert (names(store), store.camp.files.broken) == ([], {})
    assert intake.arrivals.dicom.kinds_passed_over() == {"Grad-CAM overlay of fundus-edge": 1}


def test_of_one_that_stays_cut_off_the_photos_that_are_there_come_in_and_one_fault_is_said(
    intake, inbox, store
):
    whole = save(make(frames(4)), inbox.parent / "whole.dcm").read_bytes()
    (inbox / "scan.dcm").write_bytes(whole[: len(whole) - 3 * SMALL.size // 2])
    for _ in range(3):
        swept(intake, after_s=GIVEN_UP)
    assert names(store) == ["scan.dcm#1", "scan.dcm#2"]
    assert list(store.camp.files.broken) == ["scan.dcm#3"]
    assert intake.arrivals.still_coming() == ()


def test_a_photo_that_is_damaged_is_said_and_the_others_of_its_file_come_in(
    intake, inbox, store, photo_file
):
    jpeg = photo_file.read_bytes()
    made = make([cv2.imread(str(photo_file))] * 3, photometric="YBR_FULL_422")
    save(jpegs(made, jpeg, jpeg[:4000] + bytes(4000), jpeg), inbox / "a.dcm")
    for _ in range(3):
        swept(intake)
    assert names(store) == ["a.dcm#1", "a.dcm#3"]
    assert list(store.camp.files.broken) == ["a.dcm#2"]
    assert intake.arrivals.still_coming() == ()


def test_a_file_of_which_no_photo_can_be_read_is_one_fault_and_is_not_read_again(
    intake, inbox, store, photo_file
):
    made = make([cv2.imread(str(photo_file))] * 12, photometric="YBR_FULL_422")
    save(jpegs(made, *[b"nonsense" * 10] * 12), inbox / "a.dcm")
    for _ in range(4):
        swept(intake)
    assert (names(store), intake.arrivals.still_coming()) == ([], ())
    assert "a.dcm" in store.camp.files.broken
    again = Arrivals(inbox, clock=Clock())
    for each in reversed(store.seen()):
        again.done[str(each.path)] = each.stamp.packed
    again.look()
    assert again.still_coming() == ()


def test_other_objects_and_an_index_are_passed_over_and_counted(intake, inbox, store):
    save(make(SMALL, sop_class=CT), inbox / "ct.dcm")
    save(make(SMALL), inbox / "IM1")
    index = make(SMALL, sop_class="1.2.840.10008.1.3.10")
    index.DirectoryRecordSequence = [item(DirectoryRecordType="IMAGE", ReferencedFileID="IM1")]
    save(index, inbox / "DICOMDIR")
    for _ in range(2):
        swept(intake, after_s=GIVEN_UP)
    assert names(store) == ["IM1"]
    assert intake.arrivals.dicom.kinds_passed_over() == {"CT Image": 1}
    assert (intake.arrivals.unread, store.camp.files.broken) == ((), {})
    (inbox / "ct.dcm").unlink()
    swept(intake)
    assert intake.arrivals.dicom.kinds_passed_over() == {}


def test_a_file_that_lies_about_itself_ends_nothing(intake, inbox, store):
    good = save(make(SMALL), inbox.parent / "good.dcm").read_bytes()
    for number, cut in enumerate((133, 200, 400, len(good) - 5)):
        (inbox / f"{number}.dcm").write_bytes(good[:cut])
    save(make(SMALL, NumberOfFrames=2_000_000), inbox / "bomb.dcm")
    save(make(SMALL, PatientID="1"), inbox / "good.dcm")
    for _ in range(2):
        swept(intake, after_s=GIVEN_UP)
    assert names(store) == ["good.dcm"]
    assert len(store.camp.files.broken) == 5
    assert intake.arrivals.still_coming() == ()


def test_without_the_extra_a_file_is_unread_and_what_to_install_is_known(intake, inbox, store):
    intake.arrivals.dicom = DicomFiles(can_read=False)
    save(make(SMALL), inbox / "a.dcm")
    (inbox / "b.heic").write_bytes(b"nothing")
    swept(intake)
    assert sorted(map(str, intake.arrivals.unread)) == ["a.dcm", "b.heic"]
    assert set(map(str, intake.arrivals.dicom.unread)) == {"a.dcm"}
    assert INSTALL


def test_the_file_of_a_photo_of_several_is_found_and_moved_once_all_are_kept(
    inbox, store, classifier
):
    clock = Clock()
    archive = Archive(inbox, inbox.parent / "archive", store, clock=clock)
    intake = Intake(inbox, store, classifier, archive)
    intake.arrivals.clock = clock
    save(make(frames(11)), inbox / "scan.dcm")
    data = (inbox / "scan.dcm").read_bytes()
    swept(intake)
    assert original_of(store, intake.originals, 3) == inbox / "scan.dcm"
    assert len(store.camp.photos) < 11
    clock.wait(2 * REST)
    assert archive.work() == []
    for _ in range(4):
        swept(intake, after_s=2 * REST)
    assert not (inbox / "scan.dcm").exists()
    assert (archive.folder / "scan.dcm").read_bytes() == data
    assert original_of(store, intake.originals, 11) == archive.folder / "scan.dcm"
    assert len(content_of(store, 11)) == 64


def test_the_report_of_a_person_says_that_the_file_told_the_eye(intake, inbox, store, classifier):
    save(make(SMALL), inbox / "a.dcm")
    swept(intake)
    assert isinstance(store.record_of(1), UngradableRecord)
    (photo,) = camp_report(store, 1, classifier).photos
    assert (photo.eye, photo.eye_told_by, photo.record.dicom.laterality) == ("right", "file", "R")
