"""By which visit a person was told each of their referrals."""

from edge_runtime.station.camp import Camp
from edge_runtime.station.follow_up import began
from edge_runtime.station.referral import Referral
from edge_runtime.station.visits import Visit, visits_of


def told_at(camp: Camp, person: int) -> list[tuple[Visit, Referral]]:
    """List a person's referrals, each with the visit at which, or after which, it was told first.

    Of who was told nothing and said to have gone it is the one at which, or after which, it was.
    """
    visits = visits_of(camp, person)
    begun = [began(camp, person, each) for each in visits]
    found = []
    for each in camp.people[person].referrals:
        before = [visit for visit, at in zip(visits, begun, strict=True) if at <= each.first]
        found.append((before[-1] if before else visits[0], each))
    return found
