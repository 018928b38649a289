"""What the pages show of a hint about a hospital's worklist: a button for each answer."""

from edge_runtime.results.texts import Texts
from edge_runtime.station.camp import Camp
from edge_runtime.station.camp_days import day_in_words
from edge_runtime.station.listed_hints import ListedHint
from edge_runtime.station.ordered import Question
from edge_runtime.station.patients import Patient
from edge_runtime.station.web.hint_form import Answer, HintCard
from edge_runtime.station.web.order_words import order_words
from edge_runtime.station.web.shown_hint import ShownHint, in_one, name_of


def order_card(question: Question, texts: Texts) -> HintCard:
    """Ask which of a worklist's orders the photographs of a visit are for."""
    choices = [(place.code, order_words(place, own)) for place, own in question.places.items()]
    choices += [(each, texts.say(f"hint.orders.{each}")) for each in ("all", "none")]
    told: dict[str, str | int] = {"person": question.person, "day": question.key}
    answers = [Answer("orders", label, {**told, "choice": code}) for code, label in choices]
    said = texts.say("hint.orders", count=len(question.places), day=day_in_words(question.day))
    return HintCard(said, None, answers)


def listed_card(found: ListedHint, person: int, camp: Camp, texts: Texts) -> HintCard:
    """Show a hint that a worklist has a person's ID with other words, as ``hint_card``."""
    shown, patient = ShownHint(found.hint, person, camp, texts), found.patient
    who = in_one(patient.given_id, patient.name, patient.birth_year)
    fields: dict[str, str | int] = {"person": person, "entry": patient.code}
    same = Answer("listed", shown.say("hint.listed.yes"), fields)
    said = shown.say("hint.listed", who=who, own=shown.title(person) + _in_file(shown, patient))
    return HintCard(said, None, [same, shown.nothing()])


def _in_file(shown: ShownHint, patient: Patient) -> str:
    """Say whom a DICOM file has by an ID, where that is another one than the list has."""
    for told in shown.camp.of(shown.person):
        file = told.photo.dicom
        if file and patient.speaks_against(file.name, file.birth_year):
            who = in_one(file.name, file.birth_year)
            return shown.say("hint.listed.file", name=name_of(told), who=who)
    return ""
