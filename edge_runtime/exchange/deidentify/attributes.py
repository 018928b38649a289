"""Make the data set of a photograph that tells of nobody.

Source: DICOM PS3.15, Annex E, the Basic Application Level Confidentiality Profile, with the option
to retain longitudinal temporal information with modified dates where dates are moved.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from edge_runtime.exchange.deidentify.dates import kept_time, moved_date, moved_moment
from edge_runtime.exchange.deidentify.kept import (
    DATES,
    EMPTY,
    EMPTY_OPHTHALMIC,
    EMPTY_SEQUENCES,
    IMAGE_TYPE,
    MOMENTS,
    OF_GREY,
    TIMES,
)
from edge_runtime.exchange.deidentify.profile import EDITION
from edge_runtime.exchange.deidentify.pseudonyms import Pseudonyms
from edge_runtime.exchange.deidentify.values import coded, kept_attributes
from edge_runtime.hospital.header import text_of
from edge_runtime.version import VERSION

_OPHTHALMIC = "1.2.840.10008.5.1.4.1.1.77.1.5."
_OF_LIGHT = "1.2.840.10008.5.1.4.1.1.77.1."  # ophthalmic ones and VL photographs
_SMALL = 999  # numbers in a study up to this count something, larger ones may name somebody
_NEEDED_WORDS = (("SynchronizationTrigger", "NO TRIGGER"), ("AcquisitionTimeSynchronized", "N"))
_NEEDED_CODES = (  # the eye, and a fundus camera
    ("AnatomicRegionSequence", "81745001"), ("AcquisitionDeviceTypeCodeSequence", "409898007"),
)  # fmt: skip
_NO_DAY, _NO_TIME = "19000101", "000000"  # where there must be a moment and none is told
_BASIC, _PIXELS, _MOVED = "113100", "113101", "113107"  # DICOM PS3.16, CID 7050


class Cleaned(Struct, frozen=True):
    """What was done besides the profile.

    ``days`` are those by which dates are moved back, None where they are taken out. ``is_painted``
    tells that all outside of the field is black, ``has_no_text`` that no text of anybody stands in
    the picture: because the file or somebody who looked says so.
    """

    days: int | None
    is_painted: bool
    has_no_text: bool


def attributes_without_person(
    source: Any, pseudonym: str, people: Pseudonyms, cleaned: Cleaned, *, frames: int
) -> Any:
    """Make a data set of what stays of a photograph's, but for its pixels.

    Args:
        source: The photograph's ``pydicom`` data set.
        pseudonym: The person's.
        people: Where it comes from.
        cleaned: What else was done.
        frames: How many the photograph has.
    """
    made = kept_attributes(source, people.uid)
    sop_class = text_of(source, "SOPClassUID")
    is_grey = text_of(source, "PhotometricInterpretation").startswith("MONOCHROME")
    is_ophthalmic = sop_class.startswith(_OPHTHALMIC)
    for keyword in () if is_grey else OF_GREY:
        made.pop(keyword, None)
    if is_ophthalmic:
        made.Modality = "OP"
    if text_of(source, "PhotometricInterpretation") != "PALETTE COLOR":
        for keyword in tuple(made.dir("PaletteColorLookupTable")):
            made.pop(keyword, None)
    if "RescaleSlope" not in made:
        made.pop("RescaleType", None)
    if len(made.get("PerFrameFunctionalGroupsSequence", ())) != frames:
        made.pop("PerFrameFunctionalGroupsSequence", None)
    _add_type(made, source)
    _add_moments(made, source, cleaned.days, sop_class)
    for keyword in ("SeriesNumber", "InstanceNumber"):
        setattr(made, keyword, _counted(text_of(source, keyword), people))
    if is_ophthalmic and made.InstanceNumber is None:
        made.InstanceNumber = 1
    _add_empty(made, is_ophthalmic=is_ophthalmic)
    if is_ophthalmic:
        _add_needed(made, text_of(source, "StudyInstanceUID"), people)
    made.PatientID, made.PatientName = pseudonym, f"{pseudonym}^"  # a family name, by its form
    made.SpecificCharacterSet = "ISO_IR 192"
    made.BurnedInAnnotation = "NO" if cleaned.has_no_text else "YES"
    say_what_was_done(
        made,
        is_moved=cleaned.days is not None,
        is_painted=cleaned.is_painted,
        has_no_text=cleaned.has_no_text,
    )
    return made


def _add_type(made: Any, source: Any) -> None:
    words = [word.strip() for word in text_of(source, "ImageType").split("\\")]
    kept = [word if word in known else "" for word, known in zip(words, IMAGE_TYPE, strict=False)]
    kept = ["ORIGINAL" if not kept or not kept[0] else kept[0], *kept[1:]]
    kept = [kept[0], "PRIMARY" if len(kept) < 2 or not kept[1] else kept[1], *kept[2:]]
    made.ImageType = kept
    if kept[0] != "DERIVED":
        made.pop("SourceImageSequence", None)


def _add_moments(made: Any, source: Any, days: int | None, sop_class: str) -> None:
    """Add dates that are moved by days, or what must stand where they were."""
    if days is None:
        made.StudyDate = made.StudyTime = made.ContentDate = made.ContentTime = None
        if sop_class.startswith(_OF_LIGHT):
            made.ContentDate, made.ContentTime = _NO_DAY, _NO_TIME
        if sop_class.startswith(_OPHTHALMIC):
            made.AcquisitionDateTime = _NO_DAY + _NO_TIME
        return
    for keyword in (*DATES, *TIMES, *MOMENTS):
        text = text_of(source, keyword)
        if keyword in TIMES:
            kept = kept_time(text)
        else:
            kept = (moved_date if keyword in DATES else moved_moment)(text, days)
        if kept or keyword in ("StudyDate", "StudyTime", "ContentDate", "ContentTime"):
            setattr(made, keyword, kept or None)


def _counted(text: str, people: Pseudonyms) -> int | None:
    """Keep a number that counts; one that may be somebody's, or a time, gets another in its place.

    The same one gets the same, so that what is in order stays apart.
    """
    try:
        number = int(text)
    except ValueError:
        return None
    if 0 <= number <= _SMALL:
        return number
    return 1 + _SMALL + int(people.digest("number", str(number))[:12], 16) % 1_000_000_000


def _add_empty(made: Any, *, is_ophthalmic: bool) -> None:
    texts: Sequence[str] = (*EMPTY, *EMPTY_OPHTHALMIC) if is_ophthalmic else EMPTY
    sequences = EMPTY_SEQUENCES if is_ophthalmic else ("AcquisitionContextSequence",)
    if not is_ophthalmic and not {"ImageLaterality", "Laterality"} & {*made.dir("Laterality")}:
        made.Laterality = None
    for keyword in texts:
        if keyword not in made:
            setattr(made, keyword, None)
    for keyword in sequences:
        if keyword not in made:
            setattr(made, keyword, [])


def _add_needed(made: Any, study: str, people: Pseudonyms) -> None:
    """Add what an ophthalmic photograph must have with a value, as ``dicom wrap`` does.

    Source: DICOM PS3.3, C.7.4.2 and C.8.17.
    """
    if "SynchronizationFrameOfReferenceUID" not in made:
        made.SynchronizationFrameOfReferenceUID = people.uid(f"clock {study}")
    for keyword, word in _NEEDED_WORDS:
        if keyword not in made:
            setattr(made, keyword, word)
    for keyword, code in _NEEDED_CODES:
        if not made.get(keyword):
            setattr(made, keyword, [coded("SCT", code)])


def say_what_was_done(made: Any, *, is_moved: bool, is_painted: bool, has_no_text: bool) -> None:
    """Say in an object that it was de-identified, and how.

    Source: DICOM PS3.15, E.1.1.

    Args:
        made: It.
        is_moved: Whether dates were moved; otherwise they were removed.
        is_painted: As ``Cleaned`` has it.
        has_no_text: Likewise.
    """
    made.PatientIdentityRemoved = "YES"
    made.LongitudinalTemporalInformationModified = "MODIFIED" if is_moved else "REMOVED"
    is_clean = is_painted and has_no_text
    said = [f"fundus-edge {VERSION}, {EDITION} Basic Profile"]
    if is_painted:
        said.append("outside of the field painted black")
        said.append("inside of it: no text" if has_no_text else "inside not looked at")
    made.DeidentificationMethod = said
    codes = [_BASIC, *[_PIXELS] * is_clean, *[_MOVED] * is_moved]
    made.DeidentificationMethodCodeSequence = [coded("DCM", code) for code in codes]
