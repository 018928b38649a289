"""Tell from where a photograph lies and what it is called whom it is of."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from edge_runtime.errors import printable
from edge_runtime.explain.eye_words import ENDS, ORGANS, SIDES, SURNAMES, WHOLE, any_of, parted
from edge_runtime.photo.patient import PATIENT_PATTERN, parts_of_name
from edge_runtime.results.people import is_date, told_in_name
from edge_runtime.station.spelling import same_number

_SIDE, _ORGAN = any_of(SIDES), any_of(ORGANS)

#: Words for what is photographed and how, in English and Spanish: they stand in anybody's names.
_WORD = (
    rf"(?:fundus|retinal?|eye|{_ORGAN})(?:images?|photos?|pics?)?s?|{_SIDE}|ima?ge?s?|"
    r"im[aá]gen(?:es)?|pics?|pictures?|photos?|photographs?|"
    r"fotos?|fotograf[ií]as?|captur(?:es?|as?)|scans?|snapshots?|screenshots?|frames?|files?|"
    r"camera|c[aá]mara|untitled|unnamed|sin t[ií]tulo"
)
_WORDS = rf"[\W_]*(?:{_WORD})(?:[\W\d_]+(?:{_WORD}))*"

#: A name of such words alone, with a number that counts photographs or without.
_ANYBODY = re.compile(rf"{_WORDS}[\W\d_]*|patient|paciente", re.IGNORECASE)

#: Folders that cameras and people make for other reasons than a person, and labels of cards.
_NO_PERSON = re.compile(
    rf"{_WORDS}(?: ?\(\d+\))?|dcim|inbox|(?:new folder|nueva carpeta).*|untitled folder.*|"
    r"eos[ _]digital|canon[ _]dc|nikon(?: .*)?|lumix|fujifilm|olympus|private|no[ _]name|"
    r"(?:sd|memory)[ _-]?card|sandisk|kingston|transcend",
    re.IGNORECASE,
)

#: A number such as P17: alone it is told as a person's above a card's DCIM, where somebody has
#: copied a card for each.
_NUMBER = re.compile(r"p?[ _-]?\d+", re.IGNORECASE)
_DATE_BREAKS = re.compile(r"[\W_]+")
_EYE = re.compile(
    rf"(?:left|right)(?:[ _-]?eyes?)?|(?:(?:{_ORGAN})[ _-]?)?(?:{_SIDE})|[lr]", re.IGNORECASE
)

#: A name in words, as people write it: P 17 OD, Maria Lopez OD, P17 (OD), P17-OD (2), 17 ojo izq.
#: Without a digit before the eye nothing but a number may follow it; letters alone, as le may be an
#: article and r an initial, are the eye at the end only, and so are words that people are called.
_AT_END = r"(?=[\W\d_]*$)"
_SPOKEN = re.compile(
    r"[\W_]*(?P<patient>\w.*?)(?:"
    rf"[\W_]+(?:(?:left|right)(?:[\W_]*eye)?|{any_of(WHOLE)}|(?:{_ORGAN})[\W_]*(?:{_SIDE}))\d*"
    rf"|[\W_]+(?:[lr]e?(?!\d)|(?:{any_of(SURNAMES)}|{any_of(ENDS)})\d*){_AT_END}"
    rf"|(?<=\d)[\W_]+(?:{any_of(SURNAMES)})\d*"
    r")(?P<rest>[\W_].*)?",
    re.IGNORECASE,
)

#: What cameras call their photographs by: a number that counts them, and nobody's.
_COUNTER = re.compile(
    r"(?:_?img|_?mg|imag|dsc[fn]?|pict|mvi|cimg|gopr|dji)[\W_]*\d{3,}", re.IGNORECASE
)

#: Signs that no name has and some files do, such as the end of a line.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")

#: What may follow a number that is a name alone, as in P45 (2), P45_1, P45_I and P45OD.
_COUNTED = re.compile(r"(?<=\d)(?:[ _-](?:\d{1,3}|[a-z])| ?\(\d{1,3}\)|o[dsieg])$", re.IGNORECASE)

#: A camera's folder of photographs, such as DCIM/101_0517. Outside of DCIM it is one by its maker's
#: letters alone: 123Smith and 101_2024 may be people.
#: Source: Design rule for Camera File system (DCF 2.0): 100 to 999 and five signs.
_CAMERA = re.compile(
    r"dcim/[1-9]\d\d\w{5}|.*/[1-9]\d\d(?:canon|eos\w\w|nikon|nc[_d]\w\w|nd\d{3}|nz_?_?\w{1,2}\d?|"
    r"coolp|olymp|_?pana_?|msdcf|_?fuji_?|sscam|media|casio|pentx|ricoh|leica|sigma|sanyo|kodak|"
    r"_kodk|apple|andro|gopro|photo|image)",
    re.ASCII | re.IGNORECASE,
)


def whose(photo: Path) -> tuple[tuple[str, ...], str]:
    """Say whom a photograph is of.

    Args:
        photo: Its file below the inbox.

    Returns:
        What tells the person from others, empty where nothing does, and what they are called. A
        file's name tells it where it names an eye too; else the innermost folder that is called by
        more than a date, an eye or a camera's number.
    """
    photo = photo.with_name(_CONTROLS.sub(" ", photo.name))
    parts = photo.parent.parts
    folders = ((each, parts[len(each.parts) :]) for each in photo.parents)
    folder = next((each for each, below in folders if _is_person(each, below)), Path())
    name = _name_in(photo)
    if name and same_number(name) != same_number(printable(folder.name)):
        place = next(each for each in photo.parents if not _EYE.fullmatch(each.name))
        return (str(place), same_number(name)), name  # what follows the eye tells no person
    return ((str(folder),), printable(folder.name)) if folder.name else ((), "")


def numbers_alone(photo: Path) -> tuple[str, ...]:
    """Give what a file's whole name may be, should it name no eye: somebody's number, as P45.jpg.

    The second is without what may count photographs or letter eyes behind it. Digits alone are none
    of either, as cameras count by them.
    """
    stem = _composed(photo.stem)
    if not re.search(r"[^\W\d_]", stem):
        return ()
    return tuple(dict.fromkeys((stem, _COUNTED.sub("", stem))))


def _name_in(photo: Path) -> str:
    """Read the person out of a file's name; "" where it tells none, or no eye.

    Training groups by ``photo.patient`` alone, which knows fewer spellings: there a person too many
    is a leak, and here the operator sees and mends it.
    """
    told = told_in_name(photo)
    name = parts_of_name(photo, PATIENT_PATTERN)["patient"] if told else _spoken(photo.stem)
    if not name or _COUNTER.fullmatch(name) or _ANYBODY.fullmatch(_composed(name)):
        return ""
    return printable(name).strip()


def _spoken(stem: str) -> str:
    whole = parted(_composed(stem))
    found = _SPOKEN.fullmatch(_shape(whole))
    if not found:
        return ""
    name, rest = whole[slice(*found.span("patient"))], found["rest"] or ""
    is_told = re.search(r"\d", name) or not re.search(r"[^\W\d_]", rest)
    return name if is_told and not is_date(_DATE_BREAKS.sub("-", name)) else ""


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)  # Apple's disks part letters and accents


def _shape(name: str) -> str:
    """Put a letter for each mark, such as a vowel of Hindi: to a pattern a mark parts words."""
    return "".join("x" if unicodedata.category(each)[0] == "M" else each for each in name)


def _is_person(folder: Path, below: Sequence[str]) -> bool:
    """Tell whether a folder is a person's; ``below`` are the names of those in it that lead on."""
    name = folder.name
    is_card = any(each.casefold() == "dcim" for each in below) and not _NUMBER.fullmatch(name)
    is_other = _NO_PERSON.fullmatch(_composed(name)) or _EYE.fullmatch(name) or is_date(name)
    is_cameras = is_other or is_card or _CAMERA.fullmatch(f"{folder.parent.name}/{name}")
    return bool(name) and not is_cameras
