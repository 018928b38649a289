"""What a DICOM file says of a photo: of whom it is, of which eye, when and by what it was taken."""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from edge_runtime.explain.landmarks import Eye

#: The eye by DICOM's word for it, in Image Laterality and Laterality.
EYES_BY_WORD: dict[str, Eye] = {"L": "left", "R": "right"}

#: Why nobody knows the eye although the file should tell it.
DoubtKind = Literal["absent", "both", "unknown", "name", "disc"]


class EyeDoubt(Struct, frozen=True):
    """Why the eye isn't taken from the file: ``text`` is a clause that says what to do."""

    kind: DoubtKind
    text: str


class DicomFacts(Struct, frozen=True, omit_defaults=True):
    """What a DICOM file says beside its pixels, each missing where it doesn't tell.

    The ``_uid`` are those of the object, its class, its series and its study. ``patient_id`` is the
    person within ``issuer``. ``laterality`` is as the file has it: R, L, B for both, or what else
    stands there. ``eye`` follows from it alone, and is missing where ``eye_doubt`` says why.
    ``acquired`` is when the photo was taken, ISO 8601, with the offset from UTC where the file
    tells it. ``frame`` counts from 1 in a file of several photos. ``modality`` is the file's word
    for what took it, such as OP. ``has_no_text`` tells that the file says that no text stands in
    its picture.
    """

    sop_class_uid: str
    sop_instance_uid: str = ""
    series_uid: str = ""
    study_uid: str = ""
    patient_id: str = ""
    issuer: str = ""
    laterality: str = ""
    eye: Eye | None = None
    eye_doubt: EyeDoubt | None = None
    acquired: str = ""
    manufacturer: str = ""
    device: str = ""
    frame: int | None = None
    modality: str = ""
    has_no_text: bool = False


_ASK = "find out which eye it is before you use the result"


def with_eye(facts: DicomFacts, *, in_name: Eye | None, by_disc: Eye | None) -> DicomFacts:
    """Settle the eye by the file's word, and by nothing else: what doesn't agree leaves a doubt.

    Args:
        facts: Of the file.
        in_name: The side that the file's name tells.
        by_disc: The side that the optic disc tells.
    """
    eye = EYES_BY_WORD.get(facts.laterality)
    doubt = None
    if eye is None:
        doubt = _untold(facts.laterality)
    elif in_name not in (None, eye):
        doubt = EyeDoubt(
            "name", f"the DICOM file says {eye} eye, but its name says {in_name} eye; {_ASK}"
        )
    elif by_disc not in (None, eye):
        doubt = EyeDoubt(
            "disc",
            f"the DICOM file says {eye} eye, but the optic disc lies as in a {by_disc} eye; {_ASK},"
            " and whether the photo is mirrored or turned",
        )
    return replace(facts, eye=None if doubt else eye, eye_doubt=doubt)


def _untold(laterality: str) -> EyeDoubt:
    if not laterality:
        return EyeDoubt("absent", f"the DICOM file doesn't say which eye it is; {_ASK}")
    if laterality == "B":
        return EyeDoubt("both", f"the DICOM file says that it shows both eyes; {_ASK}")
    return EyeDoubt(
        "unknown", f"the DICOM file's word for the eye isn't L or R ('{laterality}'); {_ASK}"
    )
