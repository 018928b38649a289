"""Make of the forms about a person's referral what happened."""

import datetime

from edge_runtime.station.advice import Advised
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import ConsentTold, Event, FollowedUp, PersonReferred
from edge_runtime.station.moment import now
from edge_runtime.station.referral_day import referral_days
from edge_runtime.station.web.form_error import FormError
from edge_runtime.station.web.form_fields import Form, person_in, text_in
from edge_runtime.station.web.plan import plan_of
from edge_runtime.station.web.put_right import put_right


def refer(form: Form, camp: Camp, _: int) -> list[Event]:
    """Tell a person where to go, and when."""
    person, place, day = person_in(form, camp), text_in(form, "place"), text_in(form, "day")
    try:
        asked = datetime.date.fromisoformat(day) if day else None
    except ValueError as error:
        raise FormError("error.day") from error
    today = now().date()
    if asked is not None:
        first, last = referral_days(camp, person, today)
        day, shown = asked.isoformat(), plan_of(camp, person, Advised(camp), today)
        if not first <= asked <= last and day != shown.day:  # which may be over by now, and stay
            raise FormError("error.day_of_referral")
    return [PersonReferred(person, place, day, put_right(camp, person, day, today))]


def consent(form: Form, camp: Camp, _: int) -> list[Event]:
    """Write down whether a person may be called, and how."""
    said = form.get("may_call", "")
    if said not in ("yes", "no"):
        raise FormError("error.choice")
    return [ConsentTold(person_in(form, camp), said == "yes", text_in(form, "contact"))]


def follow(form: Form, camp: Camp, _: int) -> list[Event]:
    """Write down whether a person went where they were told to last."""
    said = form.get("came", "")
    if said not in ("yes", "no"):
        raise FormError("error.choice")
    key = camp.people[person := person_in(form, camp)].referral.key
    return [FollowedUp(person, said == "yes", text_in(form, "note"), key)]
