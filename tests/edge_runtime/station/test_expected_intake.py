"""Files that the camera writes of who was called from a worklist come to that person alone."""

import numpy as np

from edge_runtime.station.patients import Came, patients_of
from tests.edge_runtime.hospital.objects import make, save
from tests.edge_runtime.station.camps import jpeg
from tests.edge_runtime.station.expecting import scheduled, today
from tests.edge_runtime.station.taking_in import swept

SMALL = np.zeros((60, 80, 3), np.uint8)


def test_dicom_files_of_the_id_and_issuer_files_by_the_id_and_whoever_is_called_are_one_person(
    intake, inbox, store
):
    (ana,) = patients_of([scheduled("P17", "Ana", issuer="H")])
    store.happen(*Came(store.camp, today()).call(ana, new=1))
    swept(intake)
    (inbox / "IMG_0001.jpg").write_bytes(jpeg(1, size=(160, 200)))
    save(make(SMALL, PatientID="P17", IssuerOfPatientID="H"), inbox / "a.dcm")
    save(make(SMALL + 1, PatientID="P17", IssuerOfPatientID="K"), inbox / "b.dcm")
    (inbox / "P17_OS.jpg").write_bytes(jpeg(2, size=(160, 200)))
    swept(intake)
    camp = store.camp
    whose = {camp.photos[number].path: told.person for number, told in camp.told.items()}
    assert whose == {"IMG_0001.jpg": 1, "a.dcm": 1, "P17_OS.jpg": 1, "b.dcm": 2}
    assert Came(camp, today()).is_photographed(1)
    assert [each.accession for each in camp.people[1].orders] == ["AP17"]
    assert camp.people[2].orders == ()


def test_it_is_so_after_a_restart_too(store):
    (ana,) = patients_of([scheduled("P17", "Ana", year=1950)])
    store.happen(*Came(store.camp, today()).call(ana, new=1))
    told, again = store.camp, type(store.camp)()
    again.take(store._photos(), store._happened())
    assert again == told
    assert again.people[1].orders == ana.orders
