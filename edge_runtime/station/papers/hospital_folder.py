"""Add to an export of a camp what archives and records of a hospital take: DICOM and FHIR."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from edge_runtime.errors import FundusError, StoreInvalidError, printable
from edge_runtime.exchange.dicom_report import report_objects
from edge_runtime.exchange.fhir_report import bundle_of
from edge_runtime.exchange.read_results import PersonResults
from edge_runtime.exchange.report_paper import Paper
from edge_runtime.exchange.statements import ImageReference
from edge_runtime.results.texts import Texts
from edge_runtime.station.camp_report import CampReport, read_camp_report
from edge_runtime.station.camp_requests import is_unasked
from edge_runtime.station.camp_results import (
    camp_results,
    is_told,
    of_last_visit,
    patients_in,
)
from edge_runtime.station.intake import OVERLAY
from edge_runtime.station.papers.camp_folder import ORIGINAL, README, REPORT, SLIP, person_in
from edge_runtime.station.papers.due_pictures import originals_in, pictures_in
from edge_runtime.station.papers.lost_pictures import lost_pictures
from edge_runtime.station.parcel import relist
from edge_runtime.system.files import write_file

#: The lack of an overlay, which lacks among the pictures too.
NO_OVERLAY = "export.lack.overlay"
#: What is added to each person's folder.
DICOM, BUNDLE = "dicom", "bundle.json"

_SLIP, _TITLE = "slip-pdf.dcm", "Slip of a screening camp"


class ForHospital(Struct, frozen=True):
    """What is asked for.

    ``issuer`` is whose the IDs are that were given at the camp, for DICOM, and ``system`` the URI
    of their system, for FHIR, "" where nobody says it. ``is_annotated`` tells that pictures show
    whose they are, and ``dates`` is as in ``PersonResults``.
    """

    has_dicom: bool
    has_fhir: bool
    issuer: str = ""
    system: str = ""
    is_annotated: bool = False
    dates: Literal["", "REMOVED", "MODIFIED"] = ""


class Lack(NamedTuple):
    """What isn't there of a person: the key of a sentence in the catalogue, and its words."""

    key: str
    words: dict[str, str]

    def told(self, texts: Texts) -> str:
        """Say it in a language."""
        return texts.say(self.key, **self.words)


class Added(NamedTuple):
    """What came of it: what couldn't be written, and by their folders who has earlier visits.

    What is written is of the last visit alone. ``unasked`` are likewise those whose photos may be
    for several orders, of which none was taken, and of whom there is ``no_photo`` nothing is.
    """

    lacks: list[Lack]
    earlier: list[str]
    unasked: list[str]
    no_photo: list[str]


def add_hospital_files(
    exported: Path, asked: ForHospital, texts: Texts, *, keeps_originals: bool
) -> Added:
    """Write into each person's folder the DICOM objects and the FHIR bundle, as far as they can be.

    Args:
        exported: A folder that ``export_entries`` or ``nameless_entries`` filled, of the former
            with the originals where DICOM is asked for.
        asked: What is asked for.
        texts: In whose language the readme is.
        keeps_originals: Whether the originals stay there.

    Raises:
        OSError: A file can't be read or written.
    """
    made = _Made(exported, asked, texts.language)
    for folder in sorted(each for each in exported.iterdir() if each.is_dir()):
        made.add(folder)
    if not keeps_originals:  # of those too who have no report, as a record is damaged
        for original in exported.glob(f"*/{ORIGINAL}-*"):
            original.unlink()
    said = "export.hospital.nameless" if asked.dates else "export.hospital"
    readme = (exported / README).read_bytes() + texts.say(said).encode()
    keys = "export.earlier", "export.orders", "export.no_photo"
    for key, folders in zip(keys, (made.earlier, made.unasked, made.no_photo), strict=True):
        if folders:
            readme += texts.say(key, folders="\r\n  ".join(folders)).encode()
    if made.lacks:
        lines = "\r\n  ".join(each.told(texts) for each in made.lacks)
        readme += texts.say("export.lacks", lines=lines).encode()
    made.write(exported / README, readme)
    relist(exported, made.digests)
    return Added(made.lacks, made.earlier, made.unasked, made.no_photo)


class _Made:
    """What is made of an export: the hashes of the files that are written, and what isn't there."""

    def __init__(self, exported: Path, asked: ForHospital, language: str) -> None:
        self.digests: dict[str, str] = {}
        self.lacks: list[Lack] = []
        self.earlier: list[str] = []
        self.unasked: list[str] = []
        self.no_photo: list[str] = []
        self._exported, self._asked, self._language = exported, asked, language
        self._known: dict[str, str] = {}  # whose an ID is

    def write(self, file: Path, data: bytes) -> None:
        """Write a file and note its hash."""
        write_file(file, data, private=True, sync=False)
        name = file.relative_to(self._exported).as_posix()
        self.digests[name] = hashlib.sha256(data).hexdigest()

    def add(self, folder: Path) -> None:
        """Add what is to be had of a person."""
        if not (folder / REPORT).is_file():
            self._lack("export.lack.record", folder)
            return
        try:
            whole = read_camp_report(folder / REPORT)
        except StoreInvalidError as error:
            self._lack("export.lack.refused", folder, error)
            return
        report = of_last_visit(whole)
        if len(report.photos) < len(whole.photos):
            self.earlier.append(folder.name)
        if not report.photos:
            self.no_photo.append(folder.name)
            return
        if report.report is None:
            self._lack("export.lack.model", folder)
            return
        if len(patients_in(report)) > 1:
            self._lack("export.lack.patients", folder)
            return
        if is_unasked(report):
            self.unasked.append(folder.name)
        originals = originals_in(folder, ORIGINAL, whole.photos)
        originals = {
            each.number: originals[each.number]
            for each in report.photos
            if each.number in originals
        }
        overlays = {} if self._asked.dates else pictures_in(folder, OVERLAY, report.photos)
        if not self._asked.dates:
            self.lacks += _without_overlay(folder, report)
        results = camp_results(
            report, report.report, name=folder.name, originals=originals, overlays=overlays,
            dates=self._asked.dates,
        )  # fmt: skip
        if self._asked.has_dicom:
            if not self._asked.dates:
                self.lacks += _without_object(folder, report, originals)
            results = replace(results, images=self._add_dicom(folder, results))
        if self._asked.has_fhir:
            self._add_fhir(folder, report, results)

    def _add_dicom(self, folder: Path, results: PersonResults) -> dict[int, ImageReference]:
        """Write a person's objects, all or none, and give those that were made of photos."""
        images: dict[int, ImageReference] = {}
        asked, target, before = self._asked, folder / DICOM, dict(self.digests)
        target.mkdir(mode=0o700)
        try:
            for each in report_objects(
                folder, results, issuer=asked.issuer, is_annotated=asked.is_annotated,
                paper=self._slip(folder),
            ):  # fmt: skip
                self.write(target / each.name, each.data)
                if each.photo is not None:
                    images[each.photo] = each.reference
        except FundusError as error:
            shutil.rmtree(target)
            self.digests = before
            self._lack("export.lack.dicom", folder, error)
            return {}
        return images

    def _add_fhir(self, folder: Path, report: CampReport, results: PersonResults) -> None:
        """Write a person's bundle; an ID that two persons have is nobody's in a record."""
        system = "" if report.given_id_is_shared else self._asked.system
        patient, whose = results.said().patient, person_in(folder.name)  # of each visit of a day
        name = patient.identifier.casefold()
        if system and patient.is_known and self._known.setdefault(name, whose) != whose:
            self._lack("export.lack.twice", folder)
            return
        try:
            made = bundle_of(
                results, system=system, issuer=self._asked.issuer, paper=self._slip(folder)
            )
            self.write(folder / BUNDLE, made)
        except FundusError as error:
            self._lack("export.lack.fhir", folder, error)

    def _slip(self, folder: Path) -> Paper | None:
        """Give the slip; an export without names has none."""
        slip = folder / SLIP
        return Paper(slip.read_bytes(), _TITLE, self._language, _SLIP) if slip.is_file() else None

    def _lack(self, key: str, folder: Path, error: FundusError | None = None) -> None:
        """Note what lacks of a person; where the folder lies now is nobody's business."""
        why = str(error or "").replace(f"{printable(self._exported)}/", "")
        self.lacks.append(Lack(key, {"folder": folder.name, "why": why}))


def _without_overlay(folder: Path, report: CampReport) -> Iterator[Lack]:
    """Say of which photos the evidence is nowhere to be seen."""
    for each in lost_pictures(folder, report):
        if each.kind == OVERLAY:
            yield Lack(NO_OVERLAY, {"folder": folder.name, "photo": str(each.photo)})


def _without_object(folder: Path, report: CampReport, originals: dict[int, Path]) -> Iterator[Lack]:
    """Say of which photos a report has no picture, or not what a file of their study says."""
    studies = {
        each.record.dicom.study_uid
        for each in report.photos
        if each.record.dicom and each.number in originals
    }
    for each in report.photos:
        words = {"folder": folder.name, "photo": str(each.number)}
        if each.record.dicom and not is_told(each.record.dicom):
            yield Lack("export.lack.uids", words)
        elif each.number not in originals and not each.record.dicom:
            yield Lack("export.lack.gone", words)
        elif each.record.dicom and each.record.dicom.study_uid not in studies:
            yield Lack("export.lack.gone.dicom", words)
