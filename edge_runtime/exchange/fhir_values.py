"""Write coded statements as FHIR's concepts and values, and read them back."""

from collections.abc import Sequence
from typing import get_args

from edge_runtime.exchange import codes
from edge_runtime.exchange.codes import NO_UNITS, SYSTEMS, Code, Scheme
from edge_runtime.exchange.fhir_datatypes import (
    CodeableConcept,
    Coding,
    Extension,
    Period,
    Quantity,
)
from edge_runtime.exchange.fhir_resources import Component
from edge_runtime.exchange.statements import Coded, Number, Qualifier, Statement, Text, Value

#: Under which a concept says what it is of: a pair of codes, "concept" and "value".
QUALIFIER_URL = f"{SYSTEMS[codes.PRIVATE]}.1"


def coding(code: Code) -> Coding:
    """Write a code."""
    return Coding(code.system, code.value, code.meaning)


def concept(code: Code) -> CodeableConcept:
    """Write a code as a concept."""
    return CodeableConcept(coding=(coding(code),), text=code.meaning)


def qualified(code: Code, qualifiers: tuple[Qualifier, ...]) -> CodeableConcept:
    """Write what a statement is about: its concept, and in an extension of which class or zone.

    Several codings of one concept would have to mean the same, so a class can't stand among them.
    """
    said = tuple(
        Extension(
            QUALIFIER_URL,
            (
                Extension("concept", value_coding=coding(each.concept)),
                Extension("value", value_coding=coding(each.value)),
            ),
        )
        for each in qualifiers
    )
    of = ", ".join(each.value.meaning for each in qualifiers)
    text = f"{code.meaning}: {of}" if of else code.meaning
    return CodeableConcept(said, (coding(code),), text)


def on_days(days: Sequence[str]) -> tuple[str, Period | None]:
    """Write the days of a visit, YYYY-MM-DD, as FHIR's effective moment or period; "" of none."""
    first, last = min(days, default=""), max(days, default="")
    return (first, None) if first == last else ("", Period(first, last))


def quantity(number: Number) -> Quantity:
    """Write a number with its unit, which is UCUM's code."""
    return Quantity(number.value, number.unit.value, number.unit.system, number.unit.value)


def component(statement: Statement) -> Component:
    """Write a statement as a part of an observation; an empty text is one without a value."""
    said = qualified(statement.concept, statement.qualifiers)
    match statement.value:
        case Number() as number:
            return Component(said, value_quantity=quantity(number))
        case Coded(code):
            return Component(said, value_codeable_concept=concept(code))
        case Text(text):
            return Component(said, value_string=text)


def code_in(found: Coding) -> Code:
    """Read a code.

    Raises:
        ValueError: It is of a terminology in which nothing is said here.
    """
    schemes: tuple[Scheme, ...] = get_args(Scheme)
    for scheme in schemes:
        if SYSTEMS[scheme] == found.system:
            return Code(found.code, scheme, found.display)
    raise ValueError("has a code of another terminology")


def statement_in(about: CodeableConcept, value: Value) -> Statement:
    """Read what a statement is about.

    Raises:
        ValueError: It isn't told in one code.
    """
    if len(about.coding) != 1:
        raise ValueError("has a statement whose concept isn't one code")
    return Statement(code_in(about.coding[0]), value, tuple(map(_qualifier, about.extension)))


def value_in(number: Quantity | None, code: CodeableConcept | None, text: str) -> Value:
    """Read the value of a statement, which is one of the three.

    Raises:
        ValueError: A number has no unit that is known, or a code isn't one.
    """
    if number is not None:
        if (number.system, number.code) != (NO_UNITS.system, NO_UNITS.value):
            raise ValueError("has a number of another unit")
        return Number(number.value)
    if code is not None and code.coding:
        return Coded(code_in(code.coding[0]))
    return Text(text if code is None else code.text)


def _qualifier(found: Extension) -> Qualifier:
    told = {each.url: each.value_coding for each in found.extension}
    of, value = told.get("concept"), told.get("value")
    if found.url != QUALIFIER_URL or of is None or value is None:
        raise ValueError("has an extension that isn't known")
    return Qualifier(code_in(of), code_in(value))
