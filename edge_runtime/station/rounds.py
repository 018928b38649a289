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

    ``first`` is the event by which they were told where to go and ``told`` that by which its place
    was corrected last, if it was, None of who said that they went or didn't before anybody told
    them; ``answered`` the last one that says whether they went, None where nobody did. ``visit`` is
    the one at which it happened first, or after it.
    """

    visit: Visit
    first: Happened | None
    told: Happened | None
    answered: Happened | None


def rounds_of(camp: Camp, person: int, past: Past) -> list[Round]:
    """List a person's referrals in the order in which they were told; what was undone is none.

    Those of who became one with them are of them.
    """
    visits = visits_of(camp, person)
    begun = [began(camp, person, each) for each in visits]
    found = []
    for each in past.rounds(person):
        happened = each.first or each.answered
        number = happened.number if happened else 0
        before = [visit for visit, since in zip(visits, begun, strict=True) if since <= number]
        visit = before[-1] if before else visits[0]
        found.append(Round(visit, each.first, each.told, each.answered))
    return found
