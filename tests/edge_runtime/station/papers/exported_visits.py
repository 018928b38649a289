"""A camp of some days whose camera's clock may be wrong, written for a hospital."""

import contextlib
import io
import json
from datetime import datetime, timezone
from types import SimpleNamespace

import pydicom
from PIL import Image

from edge_runtime.results.texts import texts
from edge_runtime.station import camp_store
from edge_runtime.station import intake as taking_in
from edge_runtime.station.papers.camp_folder import export_entries
from edge_runtime.station.papers.hospital_folder import ForHospital, add_hospital_files
from edge_runtime.station.parcel import fill
from edge_runtime.station.web.frame import TEXTS
from tests.edge_runtime.station.camps import jpeg
from tests.edge_runtime.station.papers.slips import station_of
from tests.edge_runtime.station.taking_in import swept

MONDAY, TUESDAY, WEDNESDAY = "2026-11-23", "2026-11-24", "2026-11-25"


class Days:
    """A camp whose days a test turns; ``at`` is the station's clock."""

    def __init__(self, store, intake, classifier, monkeypatch):
        self.store, self.intake = store, intake
        self._station = station_of(store, intake, classifier)
        self._folder = intake.arrivals.inbox.parent
        self._seed = self._count = 0
        for module in (camp_store, taking_in):
            monkeypatch.setattr(module, "now", lambda: self.at)
        self.turn(MONDAY)

    def turn(self, day, clock="09:30:00"):
        self.at = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=timezone.utc)

    def come(self, *names, exif=""):
        """Let photographs come, with a time by the camera's clock or without."""
        for name in names:
            self._seed += 1
            picture = Image.open(io.BytesIO(jpeg(self._seed)))
            said = Image.Exif()
            if exif:
                said.get_ifd(0x8769)[0x9003] = exif
            picture.save(self.intake.arrivals.inbox / name, exif=said, quality=95)
        swept(self.intake)
        swept(self.intake)

    def exported(self, day=None, **asked):
        """Export, of a day or all, and give a person's DICOM files and bundle by their folders."""
        self._count += 1
        folder = self._folder / f"stick{self._count}"
        folder.mkdir()
        inbox = self.intake.arrivals.inbox
        fill(folder, export_entries(self._station, day=day, originals=[inbox]))
        wanted = ForHospital(**{"has_dicom": True, "has_fhir": True, **asked})
        english = texts("en", TEXTS)
        added = add_hospital_files(folder, wanted, english, keeps_originals=False)
        found = {each.name: _read(each) for each in folder.iterdir() if each.is_dir()}
        return SimpleNamespace(folder=folder, added=added, people=found)


def _read(folder):
    objects = {each.name: pydicom.dcmread(each) for each in (folder / "dicom").glob("*.dcm")}
    bundle = None
    with contextlib.suppress(FileNotFoundError):
        bundle = json.loads((folder / "bundle.json").read_bytes())
    return SimpleNamespace(objects=objects, bundle=bundle)


def resources(bundle, kind):
    found = (each["resource"] for each in bundle["entry"])
    return [each for each in found if each["resourceType"] == kind]
