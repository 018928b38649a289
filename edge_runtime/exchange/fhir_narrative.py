"""Write a report in words, for whoever reads it on a server: XHTML, and one text."""

from collections.abc import Iterator, Sequence
from html import escape

from edge_runtime.errors import printable
from edge_runtime.exchange import codes
from edge_runtime.exchange.fhir_study import in_study
from edge_runtime.exchange.statements import (
    Coded,
    Number,
    Patient,
    PersonStatements,
    PhotoStatements,
    Statement,
    Text,
    Value,
)
from edge_runtime.results.codings import SIDES

#: Stands before anything that a model said.
NOBODY_LOOKED = "No clinician has looked at this: it is what a model made of photographs."

#: The same where people decided too.
NO_CLINICIAN = (
    "No clinician has looked at this: it is what a model made of photographs, and what operators "
    "of a screening camp decided."
)

_TOLD = {
    codes.IMAGE_QUALITY, codes.QUALITY_REASON, codes.SIDE_DOUBT_TEXT, codes.REFERRAL,
    codes.CAUTION_TEXT, codes.DECISION, codes.DECISION_REASON,
}  # fmt: skip
_BY_RESULT, _NO_PHOTO = Coded(codes.ADVICE_WHYS["result"]), Coded(codes.ADVICE_WHYS["none"])
_LABELLED = {codes.DUE, codes.DUE_SINCE, codes.REFERRED_TO, codes.REFERRED_ON}
_SIDES = {*map(codes.code_of, SIDES.values())}
_LONG = {codes.EVIDENCE_IN_ZONE, codes.EVENLY_IN_ZONE}  # which are in words too


def conclusion(person: PersonStatements) -> str:
    """Say in one text what came out, eye by eye; of a camp first what is to be done, and where."""
    said = [f"{_title(photo)}: {_result(photo)}." for photo in person.photos]
    camp = [f"{each}." for each in _at_camp(person.camp)]
    return " ".join((*camp, *said, _looked(person), person.disclaimer))


def _at_camp(said: Sequence[Statement]) -> Iterator[str]:
    """Say what is to be done, of which eye that follows from no result, and where to go, and when.

    What is due from an earlier visit and an eye without a photograph are among these: nothing else
    tells of them.
    """
    why = {each.qualifiers: each.value for each in said if each.concept == codes.ADVICE_WHY}
    for each in said:
        if each.concept == codes.ADVICE and not each.qualifiers:
            yield _words(each.value)
        elif each.concept == codes.ADVICE and why.get(each.qualifiers) != _BY_RESULT:
            eye = each.qualifiers[0].value
            of = f"{eye.meaning} eye" if eye in _SIDES else eye.meaning
            because = why.get(each.qualifiers, _NO_PHOTO)
            of_it = "" if because == _NO_PHOTO else f" ({_words(because)})"  # the advice says it
            yield f"{of}: {_words(each.value)}{of_it}"
        elif each.concept in _LABELLED:
            yield f"{_label(each)}: {_words(each.value)}"


def narrative(person: PersonStatements) -> str:
    """Write what FHIR shows of a report to a person.

    Returns:
        A ``div`` of XHTML, without scripts, links and pictures.

    Source: HL7 FHIR R4 (4.0.1), "Narrative".
    """
    return "".join((
        '<div xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en">',
        f"<p><b>{_html(person.disclaimer)}</b></p><p><b>{_looked(person)}</b></p>",
        f"<p>Person: {_html(_called(person.patient))}</p>",
        f"<h2>At the camp</h2>{_table(person.camp)}" if person.camp else "",
        *map(_photo, person.photos),
        f"<h2>The model</h2>{_table(person.general)}",
        "</div>",
    ))  # fmt: skip


def page(person: PersonStatements) -> str:
    """Write the same as a page of its own."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"/>'
        f"<title>{_html(person.disclaimer)}</title></head><body>{narrative(person)}</body></html>"
    )


def people_decided(person: PersonStatements) -> bool:
    """Tell whether somebody at a camp decided beside the model, of a photo or of its eye."""
    said = [each for photo in person.photos for each in photo.statements]
    told = Statement(codes.SIDE_TOLD_BY, Coded(codes.TELLERS["operator"]))
    return told in said or any(each.concept == codes.DECISION for each in said)


def _looked(person: PersonStatements) -> str:
    return NO_CLINICIAN if people_decided(person) else NOBODY_LOOKED


def _called(patient: Patient) -> str:
    return " \u00b7 ".join(filter(None, (patient.identifier, patient.name)))


def _photo(photo: PhotoStatements) -> str:
    told = [each for each in photo.statements if each.concept not in _LONG]
    return f"<h2>{_title(photo)}</h2><p>Photograph: {_html(_source(photo))}</p>{_table(told)}"


def _source(photo: PhotoStatements) -> str:
    """Say which photo it is, as ``fhir_observations`` does."""
    image = in_study(photo)
    if image is None:
        return photo.name
    of = "" if image.frame is None else f", frame {image.frame}"
    return f"DICOM object {image.sop_instance_uid}{of}"


def _title(photo: PhotoStatements) -> str:
    return "Eye not known" if photo.eye is None else f"{photo.eye.capitalize()} eye"


def _table(statements: Sequence[Statement]) -> str:
    rows = (
        f"<tr><th>{_html(_label(each))}</th><td>{_html(_words(each.value))}</td></tr>"
        for each in statements
    )
    return f"<table><tbody>{''.join(rows)}</tbody></table>" if statements else ""


def _label(statement: Statement) -> str:
    of = ", ".join(each.value.meaning for each in statement.qualifiers)
    return f"{statement.concept.meaning}: {of}" if of else statement.concept.meaning


def _words(value: Value) -> str:
    match value:
        case Number(number):
            return f"{number:.4g}"
        case Coded(code):
            return code.meaning
        case Text(text):
            return text


def _result(photo: PhotoStatements) -> str:
    return "; ".join(_clauses(photo)) or "nothing"


def _clauses(photo: PhotoStatements) -> Iterator[str]:
    """Say what a photo came to: the class with its probability, and what else must be known."""
    shares = {
        each.qualifiers[0].value: each.value.value
        for each in photo.statements
        if each.concept == codes.PROBABILITY and isinstance(each.value, Number)
    }
    for each in photo.statements:
        if each.concept == codes.FINDING and isinstance(each.value, Coded):
            share = shares.get(each.value.code)
            of = "" if share is None else f" with a probability of {share:.1%}"
            yield f"{each.value.code.meaning} by the model{of}"
        elif each.concept in _TOLD:
            yield _words(each.value)


def _html(text: str) -> str:
    return escape(printable(text))
