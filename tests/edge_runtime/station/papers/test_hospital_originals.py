"""The camera's files, which say whose they are, stay on a stick only where they were asked for."""

from collections import Counter

import numpy as np
import pytest

from edge_runtime.station import parcel
from edge_runtime.station.camp_report import read_camp_report
from edge_runtime.station.papers.camp_folder import ORIGINAL, export_entries
from edge_runtime.station.papers.due_pictures import originals_in
from edge_runtime.station.papers.hospital_folder import ForHospital, add_hospital_files
from tests.edge_runtime.exchange.read_report import read_report
from tests.edge_runtime.hospital.objects import make, save
from tests.edge_runtime.station.camps import jpeg
from tests.edge_runtime.station.papers.slips import station_of
from tests.edge_runtime.station.taking_in import swept


@pytest.mark.parametrize("keeps_originals", [True, False])
def test_none_is_left_of_whom_a_record_is_damaged(
    inbox, intake, store, classifier, tmp_path, keeps_originals
):
    (inbox / "P1_OD.jpg").write_bytes(jpeg(1))
    swept(intake)
    with store.at_once() as ask:
        ask("UPDATE photos SET record = '{'")
    folder = tmp_path / "stick"
    folder.mkdir()
    station = station_of(store, intake, classifier)
    parcel.fill(folder, export_entries(station, originals=[inbox]))
    assert not [*folder.glob("*/report.json")]
    asked = ForHospital(has_dicom=True, has_fhir=False)
    add_hospital_files(folder, asked, station.texts, keeps_originals=keeps_originals)
    assert bool([*folder.rglob("original-*")]) is keeps_originals
    assert ("original-" in (folder / "SHA256SUMS").read_text("utf-8")) is keeps_originals


def test_a_file_of_several_photographs_is_there_once_and_each_of_them_is_referred_to_in_it(
    inbox, intake, store, classifier, tmp_path
):
    whose = {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.4"}
    taken = [np.full((60, 80, 3), 40 * each, np.uint8) for each in range(1, 6)]
    scan, one = make(taken[:4], **whose), make(taken[4], **whose)
    save(scan, inbox / "scan.dcm")
    save(one, inbox / "one.dcm")
    swept(intake)
    assert len(store.camp.photos) == 5
    folder = tmp_path / "stick"
    folder.mkdir()
    station = station_of(store, intake, classifier)
    parcel.fill(folder, export_entries(station, originals=[inbox]))
    originals = sorted(folder.rglob("original-*"))
    kept = sorted(each.read_bytes() for each in originals)
    assert kept == sorted((inbox / name).read_bytes() for name in ("one.dcm", "scan.dcm"))
    photos = read_camp_report(originals[0].parent / "report.json").photos
    found = originals_in(originals[0].parent, ORIGINAL, photos)
    assert Counter(found.values()) in ({originals[0]: 1, originals[1]: 4}, {
        originals[0]: 4, originals[1]: 1,
    })  # fmt: skip
    asked = ForHospital(has_dicom=True, has_fhir=True)
    added = add_hospital_files(folder, asked, station.texts, keeps_originals=True)
    assert added.lacks == []
    (report,) = folder.rglob("report.dcm")
    images = [each.source for each in read_report(report).photos]
    told = sorted((each.sop_instance_uid, each.frame or 1) for each in images)
    uids = [(scan.SOPInstanceUID, frame) for frame in range(1, 5)]
    assert told == sorted([*uids, (one.SOPInstanceUID, 1)])
