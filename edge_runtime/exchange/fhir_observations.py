"""Tell FHIR what was found in each photo of an eye."""

from collections.abc import Iterator

from msgspec.structs import replace

from edge_runtime.exchange import codes
from edge_runtime.exchange.camp_words import BY_PEOPLE
from edge_runtime.exchange.fhir_codes import ANY_EYE, EYES, IMAGING, meta
from edge_runtime.exchange.fhir_datatypes import Annotation, CodeableConcept, Reference
from edge_runtime.exchange.fhir_resources import Component, Observation
from edge_runtime.exchange.fhir_study import in_study
from edge_runtime.exchange.fhir_values import (
    coding,
    component,
    concept,
    on_days,
    qualified,
    quantity,
)
from edge_runtime.exchange.fhir_words import date_time
from edge_runtime.exchange.statements import (
    Coded,
    Number,
    PersonStatements,
    PhotoStatements,
    Statement,
    Text,
)

#: A doctor's word is final; nobody has looked at this.
STATUS = "preliminary"

_REFERS, _NO_RESULT = Coded(codes.ADVICES["refer"]), Coded(codes.ADVICE_WHYS["no-result"])
_BY_OPERATOR = Coded(codes.ADVICE_WHYS["operator"]), Coded(codes.ADVICE_WHYS["set-aside"])


def class_observations(photo: PhotoStatements, base: Observation) -> Iterator[Observation]:
    """Tell of each class its probability, an observation each.

    They are about a probability, never about the disease: who reads only the code takes 3 % for
    glaucoma for no glaucoma.

    Args:
        photo: The photo.
        base: What all of its observations have, from ``base_observation``.
    """
    for statement in photo.statements:
        if is_of_class(statement) and isinstance(statement.value, Number):
            yield replace(
                base,
                code=qualified(statement.concept, statement.qualifiers),
                value_quantity=quantity(statement.value),
            )


def photo_observation(
    photo: PhotoStatements, base: Observation, members: tuple[Reference, ...]
) -> Observation:
    """Tell all else of a photo in one observation, to which those of its classes belong.

    Args:
        photo: The photo.
        base: As above.
        members: Those of its classes.
    """
    rest = [
        component(each)
        for each in photo.statements
        if not is_of_class(each) and each.concept not in BY_PEOPLE
    ]
    return replace(
        base,
        code=CodeableConcept(
            coding=(coding(codes.MEASUREMENT_GROUP),), text="Result of one photograph"
        ),
        has_member=members,
        component=(*_source(photo), *rest),
    )


def people_observation(photo: PhotoStatements, base: Observation, time: str) -> Observation | None:
    """Tell what people said of a photo at a camp, apart from the model; None without any.

    Args:
        photo: The photo.
        base: As above.
        time: When something was last said of the person.
    """
    said = tuple(component(each) for each in photo.statements if each.concept in BY_PEOPLE)
    if not said:
        return None
    return replace(
        base, meta=meta(), code=concept(codes.CAMP_PHOTO), issued=time, device=None, component=said
    )


def person_observation(
    person: PersonStatements, *, subject: Reference, device: Reference
) -> Observation:
    """Tell what a person came to at a camp, by the model and by people together.

    It is the model's word only where no operator's decision counts for either eye.

    Args:
        person: What is said of them.
        subject: The person.
        device: The model.
    """
    by_model = not _is_decided_by_people(person)
    moment, period = on_days(person.days)
    return Observation(
        meta=meta(by_model=by_model),
        identifier=(),
        status=STATUS,
        category=(IMAGING,),
        code=concept(codes.CAMP_PERSON),
        subject=subject,
        effective_date_time=moment,
        effective_period=period,
        issued=person.time,
        note=(Annotation(person.disclaimer),),
        device=device if by_model else None,
        component=tuple(map(component, person.camp)),
    )


def _is_decided_by_people(person: PersonStatements) -> bool:
    """Tell whether what an eye comes to follows from what an operator decided.

    That they let no result stand means a referral, which the model alone never gives without one.
    """
    refers = {each.qualifiers for each in person.camp if each.value == _REFERS}
    return any(
        each.value in _BY_OPERATOR or (each.value == _NO_RESULT and each.qualifiers in refers)
        for each in person.camp
    )


def is_of_class(statement: Statement) -> bool:
    """Tell whether a statement has an observation of its own."""
    return statement.concept == codes.PROBABILITY


def base_observation(
    photo: PhotoStatements,
    *,
    subject: Reference,
    device: Reference,
    study: Reference | None,
    disclaimer: str,
) -> Observation:
    """Give what all observations of a photo have; no side of the body where the eye isn't known.

    Args:
        photo: The photo.
        subject: The person.
        device: The model.
        study: That the photo is of, None without one.
        disclaimer: Stands in each.
    """
    eye = (ANY_EYE,) if photo.eye is None else (EYES[photo.eye], ANY_EYE)
    side = "Eye of which the side is not known" if photo.eye is None else f"{photo.eye} eye"
    return Observation(
        meta=meta(by_model=True),
        identifier=(),
        status=STATUS,
        category=(IMAGING,),
        code=CodeableConcept(),
        subject=subject,
        effective_date_time=date_time(photo.acquired),
        issued=photo.time,
        note=(Annotation(disclaimer),),
        body_site=CodeableConcept(coding=eye, text=side),
        device=device,
        derived_from=(study,) if study else (),
    )


def _source(photo: PhotoStatements) -> Iterator[Component]:
    """Say which photo it is: what R4 has no other place for.

    An object's UID says it; a file's name, which may tell who it is, stands only where nothing else
    does.
    """
    image = in_study(photo)
    if image is None:
        yield component(Statement(codes.PHOTO, Text(photo.name)))
    else:
        yield component(Statement(codes.OBJECT, Text(image.sop_instance_uid)))
        if image.frame is not None:
            yield component(Statement(codes.FRAME, Number(image.frame)))
    if photo.acquired:
        yield component(Statement(codes.ACQUIRED, Text(photo.acquired)))
