"""Whether people went where they were referred to: who is to be asked, and when."""

import datetime
from typing import Literal

from edge_runtime.station.about import Past
from edge_runtime.station.advice import Advice, Advised, referring, says_refer
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Person, Plan
from edge_runtime.station.found_since import found_since
from edge_runtime.station.visits import Visit, visit_of, visits_of

#: Where a referral stands, those first of whom something is to be done.
FollowUp = Literal["missed", "due", "unplanned", "planned", "came"]
STAGES: tuple[FollowUp, ...] = ("missed", "due", "unplanned", "planned", "came")
#: How a referral of an earlier visit is that is still due.
Due = Literal["untold", "open", "missed"]


def follow_up(person: Person, advice: Advice, today: datetime.date) -> FollowUp | None:
    """Say where a person's referral stands.

    ``unplanned`` is a person who is to be referred and wasn't told where to, ``due`` one whose day
    is over and of whom nobody knows whether they went, ``missed`` one who didn't go. A day that
    was set after that begins a new round.

    Args:
        person: What is known of them.
        advice: What is to be done with them.
        today: The day by this computer's clock.

    Returns:
        None for who neither is to be referred nor was.
    """
    if person.followed is not None:
        return "came" if person.followed.came else "missed"
    if person.referred is None:
        return "unplanned" if advice == "refer" else None
    day = person.referred.day
    return "due" if day and datetime.date.fromisoformat(day) < today else "planned"


def began(camp: Camp, person: int, visit: Visit) -> int:
    """Give the number of the event with which a visit began: its first photograph, or its call.

    It is the call by which that photograph came, where none of an earlier visit came by it: what
    was said between the two was said of this visit.
    """
    if not visit.photos:
        return camp.call_of(person) or 0
    first = min(visit.photos, key=lambda each: each.given)
    call = camp.days.under[first.photo.number]
    if call is None or call in camp.undone() or camp.days.called[call] != person:
        return first.given
    before = [each.given for each in camp.of(person) if each.given < first.given]
    return first.given if max(before, default=0) > call else call


def is_of_before(known: Person, number: int) -> bool:
    """Tell whether a person was referred before an event, whenever they were asked after.

    It is told by the order of events: a clock may have been wrong, and be set right. Who went and
    was told nothing went before it where that was said before it.

    Args:
        known: What is known of the person.
        number: That of the event with which a visit ``began``.
    """
    return 0 < (known.referral.told or (known.referral.answered,))[-1] < number


def known_at(camp: Camp, person: int, day: str | None, past: Past) -> Person:
    """Give what was known of a person's referral until they came again after the visit of a day.

    None is the last visit, and all that is known belongs to that.
    """
    known, visits = camp.people[person], visits_of(camp, person)
    visit = visit_of(camp, person, day)
    if visit.key == visits[-1].key:
        return known
    last = max((each.given for each in visit.photos), default=0)
    came = [each.given for each in camp.of(person) if each not in visit.photos]
    begun = [began(camp, person, each) for each in visits if each.key != visit.key]
    until = min((each for each in (*came, *begun) if each > last), default=None)
    return known if until is None else past.looked_after(person, until)


def plan_at(camp: Camp, person: int, known: Person, day: str | None = None) -> Plan:
    """Give a person's referral as a visit has it, which is that of a day, None for the last one.

    One of before of which it is known whether they went is over, and none of the visit's; so is
    one with which they went before the visit found something else, and one whose day was over when
    they were to be referred again.

    Args:
        camp: Where they are.
        person: Who.
        known: What was known of them then, as ``known_at`` gives it.
        day: A visit's key or YYYY-MM-DD, as ``visit_of`` takes it.
    """
    plan, visit = known.plan, visit_of(camp, person, day)
    last = _last_referring(camp, person, visit) if known.referrals and not plan.came else None
    is_over = last is not None and _is_past(camp, known, last)
    if plan.came is not None:
        since = began(camp, person, visit)
        is_over = is_over or is_of_before(known, since) or found_since(camp, known, visit)
    return without_round(plan) if is_over else plan


def is_untold(camp: Camp, known: Person, visit: Visit) -> bool:
    """Tell whether nobody told a person where to go with what a visit found.

    So it is where they were told before the visit, and went, or were told a day that was over by
    then, whether they went or not; and where it found something after it was known that they went.

    Args:
        camp: Where they are.
        known: What is known of the person, or was.
        visit: One of theirs that refers.
    """
    if known.followed is None or not known.followed.came:
        return _is_past(camp, known, visit)
    since = began(camp, known.number, visit)
    return is_of_before(known, since) or found_since(camp, known, visit)


def _is_past(camp: Camp, known: Person, visit: Visit) -> bool:
    """Tell whether a person was told, before what a visit found, a day that was over then.

    In a visit of several days something may have been found after a day that was told in it.
    """
    referred = known.referred
    if referred is None or not "" < referred.day < visit.day:
        return False
    found = max((each.given for each in visit.photos if says_refer(each)), default=0)
    return known.referral.told[-1] < (found or began(camp, known.number, visit))


def _last_referring(camp: Camp, person: int, visit: Visit) -> Visit | None:
    """Give the last visit by which a person is to be referred, of this one and those before."""
    until = _until(visits_of(camp, person), visit)
    return next((each for each in reversed([*until, visit]) if referring(each.photos)), None)


def _until(visits: list[Visit], visit: Visit) -> list[Visit]:
    """Give the visits before one, all where it is none of them."""
    place = next((at for at, each in enumerate(visits) if each.key == visit.key), len(visits))
    return visits[:place]


def without_round(plan: Plan) -> Plan:
    """Leave of a referral what holds for the next one too: whether they may be called, and how."""
    return Plan(may_call=plan.may_call, contact=plan.contact)


def due_before(
    camp: Camp,
    person: int,
    advised: Advised,
    *,
    known: Person | None = None,
    day: str | None = None,
) -> tuple[Due, str] | None:
    """Say what is due from an earlier visit of who isn't to be referred by that of a day.

    Args:
        camp: Where they are.
        person: Who.
        advised: What is to be done with each.
        known: What was known of them then; None for all that is known now.
        day: As ``visit_of`` takes it; None for the last visit.

    Returns:
        That they weren't told where to go, that nobody knows whether they went there, or that they
        didn't, and the last day of the visit at which they were to be referred, "" where there is
        none at which they were; None where nothing is due.
    """
    known = known or camp.people[person]
    if not may_be_due(camp, known) or advised.of(person, day).advice == "refer":
        return None
    visit, refer = visit_of(camp, person, day), list[Visit]()
    for each in reversed(_until(visits_of(camp, person), visit)):
        if advised.of(person, each.key).advice == "refer":
            if not known.referrals or is_untold(camp, known, each):
                return "untold", each.day
            refer.append(each)
    return _due_of_told(camp, known, refer, began(camp, person, visit))


def _due_of_told(
    camp: Camp, known: Person, refer: list[Visit], since: int
) -> tuple[Due, str] | None:
    """Say of who was told where to go whether that is due, of the last of ``refer`` first.

    Of no visit at which they were to be referred after it was said that they didn't go is it known
    that they didn't.
    """
    came = known.plan.came
    if came or not known.referrals:
        return None
    days = [
        each.day
        for each in refer
        if came is None or began(camp, known.number, each) < known.referral.last
    ]
    if not days and not is_of_before(known, since):
        return None
    return ("open" if came is None else "missed"), next(iter(days), "")


def may_be_due(camp: Camp, known: Person) -> bool:
    """Tell quickly of most people that they were here but once."""
    day_of, photos = camp.days.photos, known.photos
    if not photos:
        return False
    first = day_of[photos[0]]
    return known.number == camp.called or any(day_of[each] != first for each in photos)
