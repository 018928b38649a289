"""Of each referral that a person was told: by which visit, and what is known to have come of it."""

from dataclasses import dataclass

from edge_runtime.station.about import Past
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_facts import Happened
from edge_runtime.station.follow_up import began
from edge_runtime.station.visits import Visit, visits_of


@dataclass(frozen=True, slots=True)
class Round:
    """A referral of a person.

    ``told`` is the event by which they were told where to go, None of who said that they went or
    didn't before anybody told them; ``answered`` the last one that says whether they went, None
    where nobody did. ``visit`` is the one at which the first of the two happened, or after it.
    """

    visit: Visit
    told: Happened | None
    answered: Happened | None


def rounds_of(camp: Camp, person: int, past: Past) -> list[Round]:
    """List a person's referrals in the order in which they were told; what was undone is none.

    Those of who became one with them are of them.
    """
    visits = visits_of(camp, person)
    begun = [began(camp, person, each) for each in visits]
    found = []
    for told, answered in past.rounds(person):
        first = told or answered
        number = first.number if first else 0
        before = [visit for visit, since in zip(visits, begun, strict=True) if since <= number]
        found.append(Round((before or visits)[-1 if before else 0], told, answered))
    return found
