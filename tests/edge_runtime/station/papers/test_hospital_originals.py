"""The camera's files, which say whose they are, stay on a stick only where they were asked for."""

import pytest

from edge_runtime.station import parcel
from edge_runtime.station.papers.camp_folder import export_entries
from edge_runtime.station.papers.hospital_folder import ForHospital, add_hospital_files
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
