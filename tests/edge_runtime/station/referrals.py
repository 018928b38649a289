"""Where the referral of somebody of a camp stands: on the page, on paper, by an earlier visit."""

from datetime import date

from edge_runtime.station.about import Past
from edge_runtime.station.advice import Advised
from edge_runtime.station.follow_up import due_before, known_at, plan_at
from edge_runtime.station.web.plan import plan_of

FIRST, NEXT, THIRD = "2024-05-17", "2024-05-18", "2024-05-19"


def shown(told, person=1, *, today=NEXT):
    return plan_of(told.camp, person, Advised(told.camp), date.fromisoformat(today))


def due(told, person=1):
    return due_before(told.camp, person, Advised(told.camp))


def on_paper(told, day=None, person=1):
    known = known_at(told.camp, person, day, Past(told.camp))
    return plan_at(told.camp, person, known, day).place
