"""Make of a call what happened, where a hospital's worklist says who is expected."""

from edge_runtime.station.asker import Heard
from edge_runtime.station.camp import Camp
from edge_runtime.station.events import Event
from edge_runtime.station.patients import Came, Patient
from edge_runtime.station.spelling import same_number
from edge_runtime.station.web.actions import events_of
from edge_runtime.station.web.form_error import FormError
from edge_runtime.station.web.form_fields import Form, text_in

#: The form that calls somebody of the list, as ``actions.KINDS`` has others.
EXPECTED = "expected"


def events_with_list(
    kind: str, form: Form, camp: Camp, *, person: int, heard: Heard | None
) -> list[Event]:
    """Say what a form makes happen, as ``actions.events_of``, with who is expected.

    Whoever is called by typing the ID of one who is expected is that one.

    Args:
        kind: ``EXPECTED``, or as there.
        form: Likewise.
        camp: Likewise.
        person: Likewise.
        heard: What the worklist says; None where none is asked.

    Raises:
        FormError: As there; or who is called isn't on the list any more.
        KeyError: There is no such form.
    """
    patients = heard.patients if heard and heard.list else ()
    came = Came(camp, heard.list.day if heard and heard.list else "")
    if kind == EXPECTED:
        code = form.get("entry", "")
        found = next((each for each in patients if each.code == code), None)
        if found is None:
            raise FormError("error.expected")
        return came.call(found, new=person)
    if kind == "call" and patients and not form.get("nobody"):
        typed = _typed(text_in(form, "given_id"), patients)
        if typed is not None and _is_free(typed, came, camp):
            return came.call(typed, new=person)
    return events_of(kind, form, camp, person=person)


def _typed(given: str, patients: tuple[Patient, ...]) -> Patient | None:
    """Find the one patient whose ID was typed."""
    spelt = same_number(given)
    found = [each for each in patients if each.spelt == spelt]
    is_number = given and not given.startswith("#")  # which leads to somebody's page
    return found[0] if is_number and len(found) == 1 else None


def _is_free(patient: Patient, came: Came, camp: Camp) -> bool:
    """Tell whether nobody but the patient has their number at the camp."""
    return {*camp.numbered.get(patient.spelt, ())} <= {came.person(patient)}
