"""Write the pages of people: who is at the camera, the worklist, a person, their slip."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from markupsafe import Markup

from edge_runtime.errors import printable
from edge_runtime.station.about import Past
from edge_runtime.station.advice import ORDER, PersonAdvice
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import day_in_words
from edge_runtime.station.days import chosen_day, days_of, people_of_day
from edge_runtime.station.events import PersonCalled, PersonOpened, again_key
from edge_runtime.station.follow_up import may_be_due
from edge_runtime.station.hints import Hint, Hints
from edge_runtime.station.history_report import without_referral
from edge_runtime.station.listed_hints import ListedHints
from edge_runtime.station.moment import now
from edge_runtime.station.only_called import only_called
from edge_runtime.station.ordered import question_of
from edge_runtime.station.referral_day import referral_days
from edge_runtime.station.spelling import Search
from edge_runtime.station.undoing import first_given
from edge_runtime.station.visits import going_on, known_day, visit_of, visits_of
from edge_runtime.station.web.bad_files import newest_bad_file
from edge_runtime.station.web.cards import title_of
from edge_runtime.station.web.clock import clock
from edge_runtime.station.web.expected_list import ExpectedList, expected_list
from edge_runtime.station.web.frame import Station, write_page
from edge_runtime.station.web.hint_cards import hint_card
from edge_runtime.station.web.hint_form import HintCard
from edge_runtime.station.web.history import told_of
from edge_runtime.station.web.list_cards import listed_card, order_card
from edge_runtime.station.web.marks import SETTLED, due_mark, mark
from edge_runtime.station.web.order_words import all_order_words
from edge_runtime.station.web.plan import over_words
from edge_runtime.station.web.told_rows import plan_rows, who_rows

#: What the history has no button for: others lean on it, or it is over.
_STAYS = (PersonOpened, PersonCalled)

_DUE = "due"  # the group of those of whom a referral of an earlier visit is due
_UNKNOWN = "unknown"  # the group of those who have photographs of which the eye isn't known
_LISTED, _UNSEEN = 200, 12  # persons on one page, and of those without a photo at its foot


def now_page(station: Station, asked: Mapping[str, str]) -> str:
    """Show who sits before the camera, else whose photograph came last."""
    camp = station.store.camp
    newest = max(camp.told, default=None)
    shown = camp.called
    if shown is None and newest is not None:
        shown = camp.told[newest].person
    card = None if shown is None else station.card(shown)
    return write_page(
        station, "now.html.jinja", asked,
        card=card, called=camp.called, operator=printable(camp.operator),
        hints=_hints(station, shown, is_last=True), elsewhere=_elsewhere(station),
        bad_file=newest_bad_file(station), expected=_expected(station, asked.get("q", "")),
    )  # fmt: skip


def _expected(station: Station, typed: str) -> ExpectedList | None:
    """Show who is expected, where a hospital is asked, by what is typed to call somebody."""
    if station.asker is None:
        return None
    return expected_list(station.heard, station.store.camp, station.texts, typed=typed)


def _elsewhere(station: Station) -> dict[str, str | int] | None:
    """Name the newest photograph where it came since the call and went to somebody else."""
    camp = station.store.camp
    newest = max(camp.told, default=0)
    if camp.called is None or newest <= camp.called_after:
        return None
    told = camp.told[newest]
    if told.person == camp.called:
        return None
    who = title_of(camp.people[told.person], station.texts)
    return {"name": printable(Path(told.photo.path).name), "who": who, "number": told.person}


def person_page(station: Station, asked: Mapping[str, str], number: int) -> str:
    """Show a person with all that happened with them."""
    camp = station.store.camp
    card, earlier = station.card(number), visits_of(camp, number)[-2::-1]
    past = Past(camp, number).of(number)
    gone, first = camp.undone() | without_referral(camp, past), first_given(past)
    stays = _STAYS if camp.people[number].photos else (PersonOpened,)  # a mistyped call goes
    history = [
        (
            each.number,
            clock(each.at),
            told_of(each.event, camp, station.texts),
            printable(each.by),
            each.number in gone,
            each.number not in gone | first and not isinstance(each.event, stays),
        )
        for each in past
    ]
    plan, days = station.plan(number), referral_days(camp, number, now().date())
    earliest, latest = (day.isoformat() for day in days)
    return write_page(
        station, "person.html.jinja", asked,
        card=card, history=history[::-1], hints=_hints(station, number), plan=plan,
        came_up=camp.people[number].since,
        earliest=min(plan.day or earliest, earliest), latest=max(plan.day, latest),
        who_told=who_rows(card, station.texts), plan_told=plan_rows(plan, station.texts),
        plan_over=over_words(plan, station.texts),
        earlier=[station.card(number, day=each.key, is_dated=True) for each in earlier],
        goes_on=_goes_on(camp, number), ordered=_ordered(station, number),
        places=sorted({printable(p.referred.place) for p in camp.people.values() if p.referred}),
    )  # fmt: skip


def _goes_on(camp: Camp, number: int) -> dict[str, str] | None:
    """Name the day before whose visit may go on, and the form's key, where no hint asks for it."""
    back = going_on(camp, number)
    if back is None:
        return None
    key = again_key(number, back.day)
    return {"before": day_in_words(back.before), "key": key} if key in camp.answered else None


def _ordered(station: Station, number: int) -> tuple[str, HintCard] | None:
    """Say for which orders the photos of the last visit are, and how to say otherwise.

    It is None where nobody was asked, or is still.
    """
    question = question_of(station.store.camp, number)
    if question is None or question.is_open or question.answer is None:
        return None
    words = all_order_words(question.answer.orders) or station.texts.say("hint.orders.none")
    return words, order_card(question, station.texts)


def _hints(station: Station, number: int | None, *, is_last: bool = False) -> list[HintCard]:
    """Show what may be wrong with a person, or with their last visit and who they are alone."""
    return [] if number is None else _shower_of_hints(station, is_last=is_last)(number)


def _shower_of_hints(station: Station, *, is_last: bool = False) -> Callable[[int], list[HintCard]]:
    camp, words = station.store.camp, station.texts
    hints = Hints(camp)
    listed = ListedHints(camp, station.heard)

    def about(number: int) -> list[Hint]:
        found = hints.of(number)
        if not (found and is_last):
            return found
        last = {None, *(each.photo.number for each in visit_of(camp, number).photos)}
        return [each for each in found if each.photo in last]

    return lambda number: [
        *(listed_card(each, number, camp, words) for each in listed.of(number)),
        *(hint_card(each, number, camp, words) for each in about(number)),
    ]


def slip_page(station: Station, asked: Mapping[str, str], number: int) -> str:
    """Show the sheet of paper that a person takes along."""
    return _slip(station, asked, number, "slip.html.jinja")


def receipt_page(station: Station, asked: Mapping[str, str], number: int) -> str:
    """Show what of a slip a roll of 80 mm takes."""
    return _slip(station, asked, number, "receipt.html.jinja")


def _slip(station: Station, asked: Mapping[str, str], number: int, template: str) -> str:
    from edge_runtime.papers.code import code_svg  # noqa: PLC0415 - a slip is printed late
    from edge_runtime.station.papers.slip import slip_of  # noqa: PLC0415

    day = known_day(station.store.camp, number, asked.get("day"))
    slip = slip_of(station, number, day=day)
    code = Markup(code_svg(slip.code))  # noqa: S704 - squares alone
    return write_page(
        station, template, asked, card=slip.card, slip=slip, code=code,
        query=f"?day={day}" if day else "",
    )  # fmt: skip


def _groups(found: PersonAdvice, *, is_due: bool) -> frozenset[str]:
    """Name the groups of the worklist that a person belongs to."""
    groups: frozenset[str] = found.states
    if is_due:  # which stands before that nothing more is to be done now
        groups = groups - SETTLED | {_DUE}
    return groups | {_UNKNOWN} if found.unknown else groups


def worklist_page(station: Station, asked: Mapping[str, str]) -> str:
    """List the people, the most urgent first, filtered by what is to be done and by a search."""
    camp, words = station.store.camp, station.texts
    show, search = asked.get("show", ""), asked.get("q", "").strip()
    day = None if search else chosen_day(camp, asked.get("day"))  # who is sought may be of any day
    unseen = [n for n in only_called(camp) if day in (None, camp.people[n].since[:10])]
    listed = people_of_day(camp, day)
    shown = {number: station.advised.on(number, day) for number in [*listed, *unseen]}
    found = {number: advice for number, (advice, _) in shown.items()}
    again = [number for number in found if may_be_due(camp, camp.people[number])]
    due = {number for number in again if station.due(number, shown[number][1]) is not None}
    groups = {number: _groups(each, is_due=number in due) for number, each in found.items()}
    counts = Counter(group for number in listed for group in groups[number])
    hidden, sought = set(unseen), Search(search)
    chosen = [
        number
        for number in found
        if (show in groups[number] if show else search or number not in hidden)
        and (not search or sought.finds(title_of(camp.people[number], words), number))
    ]
    chosen.sort(key=lambda n: (found[n].advice != "refer" and n not in due, found[n].urgency))
    return write_page(
        station, "worklist.html.jinja", asked,
        chosen=chosen[:_LISTED], card_of=lambda number: station.card(number, day=shown[number][1]),
        hints_of=_shower_of_hints(station),
        left_out=max(0, len(chosen) - _LISTED),
        marks=[(mark(advice, words), counts[advice]) for advice in ORDER if counts[advice]],
        due=(due_mark("no-referral", words), counts[_DUE]),
        unknown=counts[_UNKNOWN],
        people=len(listed), show=show, search=search, day=day or "", days=days_of(camp),
        unseen=[(number, title_of(camp.people[number], words)) for number in unseen[:_UNSEEN]],
    )  # fmt: skip
