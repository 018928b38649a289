"""The items of which a structured report's tree consists, written and read.

Source: DICOM PS3.3, C.17.3 and C.18.
"""

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from edge_runtime.exchange.codes import EYE, FINDING_SITE, SYSTEMS, Code
from edge_runtime.exchange.statements import (
    Coded,
    ImageReference,
    Number,
    Qualifier,
    Statement,
    Text,
    Value,
)

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: How an item relates to the one that it stands in.
Relation = Literal[
    "CONTAINS", "HAS CONCEPT MOD", "HAS OBS CONTEXT", "INFERRED FROM", "SELECTED FROM"
]


def item(
    kind: str, concept: Code, relation: Relation | None, *within: "Dataset", **values: object
) -> "Dataset":
    """Make an item.

    Args:
        kind: Its value type, such as "TEXT".
        concept: What it is of.
        relation: To the item that it stands in; None for the root.
        within: The items in it.
        values: Its attributes by keyword.
    """
    from pydicom.dataset import Dataset  # noqa: PLC0415 - its extra may not be there

    made: Any = Dataset()
    if relation:
        made.RelationshipType = relation
    made.ValueType = kind
    made.ConceptNameCodeSequence = [coded(concept)]
    for keyword, value in values.items():
        setattr(made, keyword, value)
    if within:
        made.ContentSequence = list(within)
    return made  # type: ignore[no-any-return]


def container(
    concept: Code,
    relation: Relation | None,
    within: Sequence["Dataset"],
    *,
    template: str = "",
    done: str = "",
) -> "Dataset":
    """Make an item that holds others.

    Args:
        concept: What it is.
        relation: As above.
        within: The others.
        template: The number of the template that it follows, in PS3.16.
        done: When it was observed, ISO 8601.
    """
    from pydicom.dataset import Dataset  # noqa: PLC0415 - as above

    made: Any = item("CONTAINER", concept, relation, *within, ContinuityOfContent="SEPARATE")
    if template:
        named: Any = Dataset()
        named.MappingResource, named.TemplateIdentifier = "DCMR", template
        made.ContentTemplateSequence = [named]
    if done:
        made.ObservationDateTime = f"{datetime.datetime.fromisoformat(done):%Y%m%d%H%M%S%z}"
    return made  # type: ignore[no-any-return]


def text_item(concept: Code, relation: Relation, text: str, *within: "Dataset") -> "Dataset":
    """Make an item of words."""
    return item("TEXT", concept, relation, *within, TextValue=text)


def code_item(concept: Code, relation: Relation, value: Code, *within: "Dataset") -> "Dataset":
    """Make an item of a code."""
    return item("CODE", concept, relation, *within, ConceptCodeSequence=[coded(value)])


def uid_item(concept: Code, relation: Relation, uid: str) -> "Dataset":
    """Make an item of a UID."""
    return item("UIDREF", concept, relation, UID=uid)


def image_item(
    concept: Code, image: ImageReference, *within: "Dataset", relation: Relation = "CONTAINS"
) -> "Dataset":
    """Make an item of an image."""
    from pydicom.dataset import Dataset  # noqa: PLC0415 - as above

    reference: Any = Dataset()
    reference.ReferencedSOPClassUID = image.sop_class_uid
    reference.ReferencedSOPInstanceUID = image.sop_instance_uid
    if image.frame:
        reference.ReferencedFrameNumber = image.frame
    return item("IMAGE", concept, relation, *within, ReferencedSOPSequence=[reference])


def region_item(
    concept: Code, image: ImageReference, corners: Sequence[float], relation: Relation
) -> "Dataset":
    """Make an item of a closed line in an image.

    Args:
        concept: What the line is around.
        image: The image.
        corners: As ``outline.outline`` gives them.
        relation: As above.
    """
    within = image_item(concept, image, relation="SELECTED FROM")
    values = {"GraphicType": "POLYLINE", "GraphicData": list(corners)}
    return item("SCOORD", concept, relation, within, **values)


def statement_item(said: Statement, *, otherwise: Sequence["Dataset"] = ()) -> "Dataset":
    """Write a statement; what it is of stands in it as modifiers of its concept.

    Args:
        said: It.
        otherwise: What stands in a number that is of nothing: readers look there for something.
    """
    within = [code_item(each.concept, "HAS CONCEPT MOD", each.value) for each in said.qualifiers]
    if isinstance(said.value, Coded):
        return code_item(said.concept, "CONTAINS", said.value.code, *within)
    if isinstance(said.value, Text):
        return text_item(said.concept, "CONTAINS", said.value.text, *within)
    return item(
        "NUM", said.concept, "CONTAINS", *(within or otherwise),
        MeasuredValueSequence=[_number(said.value)],
    )  # fmt: skip


def is_measured(said: Statement) -> bool:
    """Tell whether a statement is a number that is of no class or zone: ``otherwise`` is its."""
    return isinstance(said.value, Number) and not said.qualifiers


def read_statement(data: Any) -> Statement:
    """Read what ``statement_item`` wrote; what is no such item raises whatever it does."""
    value: Value
    if data.ValueType == "CODE":
        value = Coded(read_code(data.ConceptCodeSequence[0]))
    elif data.ValueType == "TEXT":
        value = Text(str(data.TextValue))
    else:
        measured = data.MeasuredValueSequence[0]
        unit = read_code(measured.MeasurementUnitsCodeSequence[0])
        value = Number(float(measured.FloatingPointValue), unit)
    qualifiers = tuple(
        Qualifier(concept_of(each), read_code(each.ConceptCodeSequence[0]))
        for each in data.get("ContentSequence") or ()
        if each.RelationshipType == "HAS CONCEPT MOD" and not _is_eye(each)
    )
    return Statement(concept_of(data), value, qualifiers)


def _is_eye(data: Any) -> bool:
    """Tell whether an item only says that a number is of an eye, as all are."""
    return concept_of(data) == FINDING_SITE and read_code(data.ConceptCodeSequence[0]) == EYE


def concept_of(data: Any) -> Code:
    """Read what an item is of."""
    return read_code(data.ConceptNameCodeSequence[0])


def read_code(data: Any) -> Code:
    """Read a code of a terminology that we write.

    Raises:
        ValueError: It is of another one.
    """
    for scheme in SYSTEMS:
        if data.CodingSchemeDesignator == scheme:
            return Code(str(data.CodeValue), scheme, str(data.CodeMeaning))
    raise ValueError(str(data.CodingSchemeDesignator))


def coded(code: Code) -> "Dataset":
    """Write a code."""
    from pydicom.dataset import Dataset  # noqa: PLC0415 - as above

    made: Any = Dataset()
    made.CodeValue, made.CodingSchemeDesignator = code.value, code.scheme
    made.CodeMeaning = code.meaning
    return made  # type: ignore[no-any-return]


def _number(number: Number) -> "Dataset":
    from pydicom.dataset import Dataset  # noqa: PLC0415 - as above

    measured: Any = Dataset()
    measured.NumericValue = f"{number.value:.9g}"  # of at most 16 letters
    measured.FloatingPointValue = number.value  # to its last digit
    measured.MeasurementUnitsCodeSequence = [coded(number.unit)]
    return measured  # type: ignore[no-any-return]
