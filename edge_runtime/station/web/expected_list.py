"""Show who is expected by a hospital's worklist: who isn't photographed yet, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from edge_runtime.errors import printable
from edge_runtime.results.texts import Texts
from edge_runtime.station.asker import Heard
from edge_runtime.station.camp import Camp
from edge_runtime.station.patients import Came, Patient
from edge_runtime.station.spelling import Search
from edge_runtime.station.web.clock import clock

_LISTED = 12  # on the page where people are called: further ones are found by typing
_STATUS = "it answered with "

#: Whether somebody is expected, was called, sits before the camera, or was photographed.
Stage = Literal["expected", "called", "camera", "photographed"]


@dataclass(frozen=True)
class Row:
    """A person of the list as it is shown; texts are empty where nothing is known.

    ``number`` is that of their page, None where they aren't at the camp.
    """

    code: str
    time: str
    given_id: str
    name: str
    birth_year: int | None
    what: str
    stage: Stage
    number: int | None


@dataclass(frozen=True)
class ExpectedList:
    """The list: ``rows`` are those who were found, ``more`` how many further ones were.

    ``open`` counts all those who aren't photographed, ``people`` all. ``said`` are sentences of how
    the list stands; ``is_unfolded`` is whether it is seen at once, and
    ``is_known`` whether there is any yet.
    """

    rows: list[Row]
    more: int
    open: int
    people: int
    said: list[str]
    is_asking: bool
    is_unfolded: bool
    is_known: bool


def expected_list(
    heard: Heard, camp: Camp, texts: Texts, *, typed: str, day: str | None = None
) -> ExpectedList | None:
    """Show the list, or what was found in it; who isn't photographed stands first.

    Args:
        heard: What the worklist says.
        camp: The camp, of which whoever asks holds the store's lock.
        texts: The words.
        typed: What is sought; "" for all who aren't photographed.
        day: Of which day alone the list is shown, in full then, "" for none; None for the day that
            it has.

    Returns:
        None where there is nothing to show.
    """
    if day is not None and (not day or day != heard.day):
        return None
    came, search = Came(camp, heard.day), Search(typed)
    all_of_them = [(each, *_where(each, came, camp)) for each in heard.patients]
    rest = [each for each in all_of_them if each[2] != "photographed"]
    found = rest
    if is_sought := bool(typed.strip()):
        found = [each for each in all_of_them if search.finds(each[0].told, 0)]
        found.sort(key=lambda each: each[2] == "photographed")
    most = _LISTED if day is None else len(found)
    return ExpectedList(
        [_row(*each) for each in found[:most]],
        len(found) - len(found[:most]),
        len(rest),
        len(all_of_them),
        _said(heard, texts),
        heard.is_asking,
        is_sought or camp.called is None,
        heard.list is not None,
    )


def rows_of(patients: Sequence[Patient], heard: Heard, camp: Camp) -> list[Row]:
    """Show some of the list, of whom one is to be chosen."""
    came = Came(camp, heard.day)
    return [_row(each, *_where(each, came, camp)) for each in patients]


def _where(patient: Patient, came: Came, camp: Camp) -> tuple[int | None, Stage]:
    """Say who of the camp a patient is, None for nobody, and how far they are."""
    number = came.person(patient)
    if number is None:
        return None, "expected"
    if came.is_photographed(number):
        return number, "photographed"
    return number, "camera" if number == camp.called else "called"


def _row(patient: Patient, number: int | None, stage: Stage) -> Row:
    is_doubled = patient.issuer and patient.doubled
    wanted = dict.fromkeys(each.what for each in patient.orders if each.what)
    return Row(
        patient.code,
        next((each.time[11:16] for each in patient.orders if len(each.time) > 10), ""),
        printable(f"{patient.issuer}/{patient.given_id}" if is_doubled else patient.given_id),
        printable(patient.name),
        patient.birth_year,
        printable(", ".join(wanted)),
        stage,
        number,
    )


def _said(heard: Heard, texts: Texts) -> list[str]:
    """Say since when the list is from, what is wrong with it, and why the last try failed."""
    say, known = texts.say, heard.list
    said = []
    if known is not None:
        said.append(say("expected.from", time=clock(known.at), source=printable(known.source)))
        if not known.scheduled:
            said.append(say("expected.nobody"))
        if known.is_cut_off:
            said.append(say("expected.cut_off", count=len(known.scheduled)))
    elif not heard.trouble:
        said.append(say("expected.none"))
    if heard.trouble:
        cause = _cause(heard.trouble, texts)
        said.append(say("expected.trouble", time=clock(heard.tried), cause=cause))
    return said


def _cause(clause: str, texts: Texts) -> str:
    """Say in the reader's language why nothing was learnt."""
    if clause.startswith(_STATUS):
        status = clause.removeprefix(_STATUS).partition(";")[0]
        return texts.say("expected.status", status=printable(status))
    return texts.of_clause("ask", clause) or printable(clause)
