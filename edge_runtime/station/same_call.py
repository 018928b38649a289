"""Whose a photograph may be that came by one call with those of several persons, as by a card."""

from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Told


def same_call_of(camp: Camp, told: Told) -> int | None:
    """Name who else has the photograph before it that came by the same call, and not this eye.

    Args:
        camp: As it is.
        told: A photograph that is taken for another person's.

    Returns:
        Somebody of whom nothing else is known than photographs of that call; None where there is
        nobody.
    """
    under = camp.days.under
    for number in range(told.photo.number - 1, 0, -1):
        before = camp.told.get(number)
        if before is None or under.get(number) != under.get(told.photo.number):
            return None
        if before.person == told.person:
            continue
        theirs = camp.of(before.person)
        is_of_call = all(under[e.photo.number] == under[number] for e in theirs)
        has_eye = told.eye is not None and told.eye in {each.eye for each in theirs}
        is_theirs = is_of_call and not has_eye and not camp.people[before.person].given_id
        return before.person if is_theirs else None
    return None
