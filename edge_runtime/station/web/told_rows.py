"""Say for paper, where no form is printed, what was told of a person."""

from edge_runtime.results.texts import Texts
from edge_runtime.station.web.cards import PersonCard
from edge_runtime.station.web.plan import ShownPlan

_Row = tuple[str, str, bool]  # as the template's ``rows`` shows them


def who_rows(card: PersonCard, texts: Texts) -> list[_Row]:
    """Say who a person is, label by label, as far as it is known."""
    year = str(card.birth_year or "")
    named = [("label.given_id", card.given_id), ("told.name", card.name), ("told.year", year)]
    return [(texts.say(label), said, False) for label, said in named if said]


def plan_rows(plan: ShownPlan, texts: Texts) -> list[_Row]:
    """Say what was told of a person's referral, likewise."""

    def answer(said: bool | None) -> str:
        return "" if said is None else texts.say("plan.yes" if said else "plan.no")

    named = [
        ("plan.where", plan.place),
        ("plan.day", plan.day),
        ("plan.may_call", answer(plan.may_call)),
        ("plan.contact", plan.contact),
        ("plan.came", answer(plan.came)),
        ("plan.note", plan.note),
    ]
    return [(texts.say(label), said, False) for label, said in named if said]
