"""Find who of a worklist is meant by what was typed or scanned, and ask where it isn't certain."""

import re

from edge_runtime.station.camp import Camp
from edge_runtime.station.patients import Came, Patient
from edge_runtime.station.spelling import Search, same_number
from edge_runtime.station.visits import numbered
from edge_runtime.station.web.form_error import FormError

_MOST = 12  # who are asked about: who types less than that tells nobody by it


def who_was_typed(
    given: str, patients: tuple[Patient, ...], came: Came, camp: Camp
) -> Patient | None:
    """Find the one patient who was typed.

    Args:
        given: What was typed; # leads to somebody's page, and to nobody of the list.
        patients: Those of the list.
        came: Who of them is at the camp.
        camp: The camp.

    Returns:
        None where it is nobody of the list.

    Raises:
        FormError: Several may be meant, or one by a part of the name alone: somebody has to choose.
    """
    if not given or given.startswith("#"):
        return None
    found = _told_by(given, patients)
    if not found:
        named = _named(given, patients)
        if 0 < len(named) <= _MOST and not numbered(camp, given):
            raise FormError("error.meant", listed=named, given=given)
        return None
    others = set(numbered(camp, given)).union(*(came.others_of(each) for each in found))
    others -= {came.person(each) for each in found}
    if len(found) == 1 and others <= _listed_apart(found[0], patients, came):
        return found[0]
    raise FormError("error.which", sorted(others), listed=found[:_MOST], given=given)


def _told_by(given: str, patients: tuple[Patient, ...]) -> list[Patient]:
    """List whose ID it is, as it is written or else as people write it, or an accession number."""
    spelt = same_number(given)
    alike = [each for each in patients if each.spelt == spelt]
    ids = [each for each in alike if each.given_id == given] or alike
    by_order = [each for each in patients if given in (order.accession for order in each.orders)]
    return [*ids, *(each for each in by_order if each not in ids)]


def _named(given: str, patients: tuple[Patient, ...]) -> list[Patient]:
    """List whose name it may be a part of; with a figure it is a number, as walk-ins have."""
    if re.search(r"\d", given):
        return []
    search = Search(given)
    return [each for each in patients if search.finds(each.name, 0)]


def _listed_apart(patient: Patient, patients: tuple[Patient, ...], came: Came) -> set[int | None]:
    """Number the others of the list whose ID is written otherwise, and who are here."""
    return {
        came.person(each)
        for each in patients
        if each.spelt == patient.spelt and each.given_id != patient.given_id
    }
