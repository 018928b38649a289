"""Make of a call what happened, where a hospital's worklist says who is expected."""

from edge_runtime.station.asker import Heard
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import Event, HintAnswered, PersonCalled, PersonOpened
from edge_runtime.station.listed_hints import is_hinted, same_as_listed
from edge_runtime.station.patients import Came, Patient
from edge_runtime.station.web.actions import events_of
from edge_runtime.station.web.form_error import FormError
from edge_runtime.station.web.form_fields import Form, free_number, person_in, text_in
from edge_runtime.station.web.typed import who_was_typed

#: The form that calls somebody of the list, as ``actions.KINDS`` has others.
EXPECTED = "expected"

#: The form that takes somebody for one of the list, as a hint asks.
SAME = "listed"


def events_with_list(
    kind: str, form: Form, camp: Camp, *, person: int, heard: Heard
) -> list[Event]:
    """Say what a form makes happen, as ``actions.events_of``, with who is expected.

    Whoever is called by typing the ID or the accession number of one who is expected is that one.

    Args:
        kind: ``EXPECTED``, ``SAME``, or as there.
        form: Likewise.
        camp: Likewise.
        person: Likewise.
        heard: What the worklist says.

    Raises:
        FormError: As there; or who is called isn't on the list any more, or several may be meant.
        KeyError: There is no such form.
    """
    came = Came(camp, heard.day)
    if kind == EXPECTED:
        return came.call(_entry(form, heard), new=person)
    if kind == SAME:
        return _same(form, camp, heard)
    if kind == "hint" and form.get("key", "").startswith("listed:"):
        return [HintAnswered(*_hinted(form, camp, heard, form["key"]))]
    if kind == "call" and not form.get("nobody"):
        given = text_in(form, "given_id")
        if form.get("as_typed"):
            return [PersonOpened(person, free_number(given)), PersonCalled(person)]
        typed = who_was_typed(given, heard.patients, came, camp)
        if typed is not None:
            return came.call(typed, new=person)
    return events_of(kind, form, camp, person=person)


def _entry(form: Form, heard: Heard) -> Patient:
    code = form.get("entry", "")
    found = next((each for each in heard.patients if each.code == code), None)
    if found is None:
        raise FormError("error.expected")
    return found


def _same(form: Form, camp: Camp, heard: Heard) -> list[Event]:
    """Take a person for one of the list who has their ID and another name or birth year."""
    patient = _entry(form, heard)
    person, _ = _hinted(form, camp, heard, f"listed:{form.get('person', '')}:{patient.code}")
    return same_as_listed(camp, person, patient)


def _hinted(form: Form, camp: Camp, heard: Heard, key: str) -> tuple[int, str]:
    person = person_in(form, camp)
    if not is_hinted(camp, heard, person, key):
        raise FormError("error.choice")
    return person, key
