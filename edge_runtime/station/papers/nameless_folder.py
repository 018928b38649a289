"""Copy an export of a camp without who its people are, and without what people wrote."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import UNSET
from msgspec.structs import replace

from edge_runtime.exchange.deidentify.reports import NO_TIME, Nameless
from edge_runtime.explain.eye_side import side_in_name
from edge_runtime.predict.record import GradedRecord, UngradableRecord
from edge_runtime.results.texts import Texts
from edge_runtime.station.camp_photo import group_of
from edge_runtime.station.camp_report import (
    CampReport,
    PhotoAtCamp,
    read_camp_report,
    report_text,
)
from edge_runtime.station.papers.camp_folder import README, REPORT, TABLE, person_in, visit_in
from edge_runtime.station.papers.nameless_pictures import nameless_pictures
from edge_runtime.station.parcel import Entry
from edge_runtime.station.visit_report import DueAtCamp, EyeAdvised, ReferralAtCamp, VisitAtCamp
from edge_runtime.station.web.export import BYTE_ORDER_MARK, COLUMNS, YES_NO, due_cells
from edge_runtime.station.web.frame import disclaimer_of


def nameless_entries(
    exported: Path,
    nameless: Nameless,
    texts: Texts,
    *,
    is_looked_at: bool = False,
    on_hidden: Callable[[], None] = lambda: None,
) -> Iterator[Entry]:
    """Give the files of an export, a person's at a time, without whose they are.

    Who has no report, as a record is damaged, has nothing, and the readme counts them.
    Slips are left out, as they are for the persons themselves, and so are the camera's own files,
    what happened, and all texts that somebody wrote. Pictures are black outside of the field of
    view; one without a field that was found is left out, and nothing is shown of one in whose field
    a name may stand.

    Args:
        exported: A folder that ``export_entries`` filled.
        nameless: By which pseudonyms, and what becomes of dates.
        texts: In whose language the readme is.
        is_looked_at: Whether somebody looked at each picture and found no text of anybody in its
            field; otherwise it must be of a DICOM file that says so.
        on_hidden: Is called for each photo of which nothing is shown.

    Raises:
        StoreInvalidError: A report there isn't one.
        OSError: A file can't be read.
    """
    table, seen, visits = io.StringIO(), dict[str, int](), Counter[str]()
    rows = csv.DictWriter(table, COLUMNS)
    rows.writeheader()
    people = sorted(each for each in exported.iterdir() if each.is_dir())
    folders = [each for each in people if (each / REPORT).is_file()]
    for folder in folders:
        told = read_camp_report(folder / REPORT)
        safe = {each.number for each in told.photos if _says_no_text(each)}
        report, numbers = _nameless(told, nameless, seen)
        nameless.people.keep()
        made = f"{report.given_id}{visit_in(folder.name)}"
        yield Entry(f"{made}/{REPORT}", report_text(report))
        for each in _rows(report, visits[report.given_id]):
            rows.writerow({name: each.get(name) for name in COLUMNS})
        visits[report.given_id] += len(report.visits)
        for before, photo in zip(numbers, report.photos, strict=True):
            hide = None if is_looked_at or before in safe else on_hidden
            yield from nameless_pictures(folder, before, f"{made}/{{}}-{photo.number:06}", hide)
    yield Entry(TABLE, (BYTE_ORDER_MARK + table.getvalue()).encode())
    said = texts.say(
        "export.nameless",
        people=len(seen),
        disclaimer=disclaimer_of(texts),
        looked=texts.say("export.looked_at" if is_looked_at else "export.hidden"),
    )
    if lacking := {person_in(each.name) for each in people if each not in folders}:
        said += texts.say("export.nameless.left_out", people=len(lacking))
    yield Entry(README, said.encode())


def _nameless(
    report: CampReport, nameless: Nameless, seen: dict[str, int]
) -> tuple[CampReport, Mapping[int, int]]:
    """Take out of a report whose it is, and say which photo has which number now.

    Two persons of one number, as of two days, have two pseudonyms: ``seen`` are those before, each
    with whose it is; visits of a person have one.
    """
    facts = {
        each.number: each.record.dicom for each in report.photos if each.record.dicom is not UNSET
    }
    alone = f"camp, since {report.since}"
    name, issuer = (report.given_id, "") if report.given_id else (f"#{report.person}", alone)
    called = nameless.patient(facts) or nameless.people.person(name, issuer)
    if seen.get(called, report.person) != report.person:
        called = nameless.people.person(name, alone)
    seen[called] = report.person
    numbers = {each.number: count for count, each in enumerate(report.photos, 1)}
    made = replace(
        report,
        person=int(called[1:9], 16),
        given_id=called,
        given_id_is_shared=False,
        given_id_is_anothers=False,
        name="",
        birth_year=None,
        since=nameless.time(report.since, called),
        said_last=nameless.time(report.said_last, called),
        visits=tuple(
            replace(
                each,
                days=tuple(nameless.time(day, called)[:10] for day in each.days),
                eyes=_advised(each.eyes, numbers),
                ordered=None,
                due=_due(each.due, called, nameless),
                referral=each.referral and _referral(each.referral, called, nameless),
            )
            for each in report.visits
        ),
        eyes=_advised(report.eyes, numbers),
        referral=_referral(report.referral, called, nameless),
        expected=None,
        photos=tuple(_photo(each, numbers, called, nameless) for each in report.photos),
        history=(),
        report=report.report
        and nameless.report(report.report, facts, pseudonym=called, numbers=numbers),
        due=_due(report.due, called, nameless),
    )
    return made, numbers


def _referral(told: ReferralAtCamp, pseudonym: str, nameless: Nameless) -> ReferralAtCamp:
    """Leave of a referral whether and when, the day moved or taken out, and no word of anybody."""
    day = nameless.time(told.day, pseudonym)
    return ReferralAtCamp(
        "", "" if day == NO_TIME else day[:10], told.may_be_called, "", told.went, ""
    )


def _due(due: DueAtCamp | None, pseudonym: str, nameless: Nameless) -> DueAtCamp | None:
    """Take the day out of what is due, or move it."""
    day = "" if due is None else nameless.time(due.day, pseudonym)
    return due and replace(due, day="" if day == NO_TIME else day[:10])


def _advised(eyes: Mapping[str, EyeAdvised], numbers: Mapping[int, int]) -> dict[str, EyeAdvised]:
    return {
        eye: replace(each, photo=each.photo and numbers.get(each.photo))
        for eye, each in eyes.items()
    }


def _photo(
    photo: PhotoAtCamp, numbers: Mapping[int, int], pseudonym: str, nameless: Nameless
) -> PhotoAtCamp:
    number = numbers[photo.number]
    record = nameless.record(photo.record, pseudonym, number, side_in_name(photo.record.path))
    return PhotoAtCamp(
        number,
        nameless.people.digest("content", photo.sha256),
        record.path,
        nameless.time(photo.arrived, pseudonym),
        photo.visit,
        nameless.time(photo.taken or "", pseudonym) or None,
        "",
        photo.eye,
        photo.eye_told_by,
        photo.decision,
        "",
        record,
    )


def _rows(report: CampReport, before: int) -> Iterator[dict[str, object]]:
    """Give the table's rows of a person; what people wrote has empty cells.

    ``before`` counts their visits that have rows already.
    """
    whose = {
        "person": report.person,
        "given_id": report.given_id,
        "disclaimer": report.disclaimer,
    }
    visits: list[dict[str, object]] = []
    for name, visit in zip(_names(report.visits, before), report.visits, strict=True):
        plan = visit.referral or report.referral
        visits.append(
            {
                "visit": name,
                "person_advice": visit.advice,
                "referral_day": plan.day,
                "may_be_called": YES_NO[plan.may_be_called],
                "went": YES_NO[plan.went],
                **due_cells(visit.due),
            }
        )
    for each in report.photos:
        record = each.record
        told: dict[str, object] = {"result": group_of(record)}
        if isinstance(record, GradedRecord):
            told |= {"class": record.class_name, "caution": record.caution}
            told |= {"confidence": record.confidence}
            if record.referral:
                told |= {"score": record.referral.score, "threshold": record.referral.threshold}
        elif isinstance(record, UngradableRecord):
            told |= {"reason": record.reason}
        yield {
            **whose, **visits[each.visit - 1],
            "photo": each.number, "file": each.file, "arrived": each.arrived,
            "taken": each.taken, "eye": each.eye, "eye_told_by": each.eye_told_by,
            "decision": each.decision, **told,
        }  # fmt: skip
    seen = {each.visit for each in report.photos}
    yield from ({**whose, **each} for n, each in enumerate(visits, 1) if n not in seen)


def _names(visits: Sequence[VisitAtCamp], before: int) -> Iterator[str]:
    """Name visits by their first days, as ``camp_days.day_in_words`` does.

    Those whose day mustn't be told are counted by their order, behind so many of the same person.
    """
    for count, each in enumerate(visits, before + 1):
        day = each.days[0]
        turn = count if day == NO_TIME[:10] else each.turn
        yield day if turn == 1 else f"{day} ({turn})".strip()


def _says_no_text(photo: PhotoAtCamp) -> bool:
    dicom = photo.record.dicom
    return dicom is not UNSET and dicom.has_no_text
