"""Write a person's page, one sheet of paper: both eyes side by side, in one of the languages."""

from typing import NamedTuple
from urllib.parse import quote

from edge_runtime.explain.landmarks import Eye
from edge_runtime.results.page import DETAILS, PERSON, picture_file
from edge_runtime.results.page_template import page_template
from edge_runtime.results.person_words import (
    Row,
    done_at,
    explained,
    file_name,
    model_rows,
    overlay_shows,
    photo_rows,
    result_of,
    told_by,
)
from edge_runtime.results.report import REPORT
from edge_runtime.results.structured_report import EyeReport, PersonReport, PhotoReport
from edge_runtime.results.texts import Texts

_PICTURED = 2  # photos of an eye that are shown with pictures: more don't fit on the sheet


class Shown(NamedTuple):
    """What the page says of a photo; ``pictures`` are files and captions.

    ``confidence`` is 0..1, None without a class.
    """

    number: int
    group: str
    mark: str
    name: str
    result: str
    confidence: float | None
    pictures: list[tuple[str, str]]
    rows: list[Row]


def person_page(report: PersonReport, texts: Texts) -> str:
    """Write the page of a report.

    Args:
        report: The person's.
        texts: In which language.
    """
    eyes = {each.eye: each for each in report.eyes}
    both: tuple[Eye | None, ...] = ("right", "left", None)
    columns = [
        (texts.say(f"eye.{eye or 'unknown'}.title"), *_shown(eyes.get(eye), texts))
        for eye in both
        if eye in eyes or (report.is_named and eye is not None)
    ]
    return page_template(PERSON).render(
        language=texts.language,
        say=texts.say,
        person=report.person,
        told=texts.say(told_by(report)),
        time=done_at(report),
        columns=columns,
        model=model_rows(report, texts),
        list=f"../{REPORT}",
    )


def _shown(eye: EyeReport | None, texts: Texts) -> tuple[list[Shown], list[Shown]]:
    """Give an eye's photos that are shown with pictures, and the rest."""
    photos = [_photo(each, texts) for each in eye.photos] if eye else []
    return photos[:_PICTURED], photos[_PICTURED:]


def _photo(photo: PhotoReport, texts: Texts) -> Shown:
    evidence = explained(photo)
    pictures = []
    if photo.quality.status != "unreadable":
        file = f"../{DETAILS}/{picture_file(photo.number)}"
        pictures.append((file, texts.say("picture.photo")))
    if evidence and evidence.overlay:
        pictures.append((f"../{quote(evidence.overlay)}", overlay_shows(evidence, texts)))
    if evidence and (usual := evidence.usual):
        name = texts.class_name(evidence.class_name)
        key = "picture.usual" if usual.trained is None else "picture.usual_trained"
        said = texts.say(key, name=name, photos=usual.photos, trained=usual.trained)
        pictures.append((f"../{usual.picture}", said))
    return Shown(
        photo.number,
        photo.group,
        texts.say(f"group.{photo.group}"),
        file_name(photo),
        result_of(photo, texts),
        photo.confidence,
        pictures,
        photo_rows(photo, evidence, texts),
    )
