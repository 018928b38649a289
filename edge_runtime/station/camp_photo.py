"""What a camp knows of a photograph, in short: enough for its lists."""

from datetime import datetime
from pathlib import Path
from sys import intern
from typing import Literal

from msgspec import Struct

from edge_runtime.explain.eye_side import side_doubt, side_in_name
from edge_runtime.explain.landmarks import Eye, Landmarks
from edge_runtime.hospital.facts import DicomFacts
from edge_runtime.predict.caution import without_eye
from edge_runtime.predict.record import ErrorRecord, GradedRecord, Record, UngradableRecord
from edge_runtime.results.worklist import GROUPS, place
from edge_runtime.station.by_dicom import ByDicom, by_dicom, whose_by
from edge_runtime.station.camera_look import CameraLook
from edge_runtime.station.moment import in_words
from edge_runtime.station.whose import whose

#: What a photograph came to: the keys of ``results.worklist.GROUPS``.
Group = Literal["refer", "retake", "unreadable", "no-referral", "undecided"]


class CampPhoto(Struct, frozen=True, gc=False):
    """A photograph that was taken in.

    ``path`` is its file below the inbox, printable or not. ``arrived`` is when it was taken in by
    this computer's clock, ``taken`` when by the camera's, both ISO 8601, the second without an
    offset from UTC as cameras tell none, None where the file doesn't say. ``score`` and
    ``threshold`` (0..1) are those of the referral, ``reason`` the clause why there is no class,
    ``caution`` why not to rely on it. ``side_doubt`` says that name and optic disc disagree about
    the side, or why nobody knows it of a DICOM file's, of which ``dicom`` is what the file says.
    ``camera`` is what of it hangs on the camera, None where it wasn't measured, and
    ``copies`` are the photos of before that look like the same picture. ``no_evidence`` says that
    nothing in the photograph speaks for its class, so that its overlay has no colours.
    """

    number: int
    path: str
    arrived: str
    taken: str | None
    group: Group
    class_name: str | None = None
    confidence: float | None = None
    score: float | None = None
    threshold: float | None = None
    reason: str | None = None
    caution: str | None = None
    familiarity: float | None = None
    disc_seen: bool | None = None
    eye_in_name: Eye | None = None
    eye_by_disc: Eye | None = None
    side_doubt: str | None = None
    camera: CameraLook | None = None
    copies: tuple[int, ...] = ()
    dicom: ByDicom | None = None
    no_evidence: bool = False

    @property
    def eye(self) -> Eye | None:
        """The side as the name tells it, else as the disc does; None where they disagree.

        Of a DICOM file's photograph it is the file's word or nobody's.
        """
        if self.dicom is not None:
            return self.dicom.eye
        return None if self.side_doubt else self.eye_in_name or self.eye_by_disc

    @property
    def eye_said(self) -> Eye | None:
        """The side as the file says it: by its word where it is DICOM, else by its name."""
        return self.eye_in_name if self.dicom is None else self.dicom.said

    @property
    def whose(self) -> tuple[tuple[str, ...], str]:
        """Whom it is of, as ``whose.whose`` has it."""
        if self.dicom is not None:
            return whose_by(self.dicom.patient_id, self.dicom.issuer)
        return whose(Path(self.path))


def camp_photo(
    record: Record,
    *,
    number: int,
    path: Path,
    arrived: datetime,
    taken: str | None,
    camera: CameraLook | None = None,
    copies: tuple[int, ...] = (),
) -> CampPhoto:
    """Put down in short what a photograph came to.

    Args:
        record: The whole of it.
        number: The photograph's.
        path: Its file below the inbox.
        arrived: When it was taken in, with the offset from UTC.
        taken: As in ``CampPhoto``.
        camera: Likewise.
        copies: Likewise.
    """
    graded = record if isinstance(record, GradedRecord) else None
    marks = (graded and graded.landmarks) or Landmarks()
    referral = graded and graded.referral
    facts = record.dicom or None
    return CampPhoto(
        number,
        intern(str(path)),
        in_words(arrived),
        taken,
        group_of(record),
        graded.class_name if graded else None,
        graded.confidence if graded else None,
        referral.score if referral else None,
        referral.threshold if referral else None,
        _once(_reason(record)),
        _once(without_eye(graded.caution, facts) or None) if graded else None,
        graded.familiarity.share if graded and graded.familiarity else None,
        None if graded is None or graded.landmarks is None else marks.disc is not None,
        side_in_name(path),
        marks.eye,
        _once(side_doubt(path, marks) if facts is None else _doubt(facts)),
        camera,
        copies,
        None if facts is None else by_dicom(facts),
        graded is not None and _is_without_evidence(graded),
    )


def group_of(record: Record) -> Group:
    """Say what a photograph came to by itself."""
    return GROUPS[place(record, 0).group].key  # type: ignore[return-value]  # it is one of them


def _is_without_evidence(record: GradedRecord) -> bool:
    own = (each for each in record.explanations if each.class_name == record.class_name)
    return any(not each.positive_evidence for each in own)


def _doubt(facts: DicomFacts) -> str | None:
    return facts.eye_doubt.text if facts.eye_doubt else None


def _reason(record: Record) -> str | None:
    if isinstance(record, UngradableRecord):
        return record.reason
    return record.error if isinstance(record, ErrorRecord) else None


def _once(text: str | None) -> str | None:
    """Keep a text once that thousands of photographs have."""
    return text and intern(text)
