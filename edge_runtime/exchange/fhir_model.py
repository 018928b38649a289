"""Tell FHIR which model spoke, with all that holds for the whole of a report."""

from edge_runtime.exchange import codes
from edge_runtime.exchange.fhir_codes import meta
from edge_runtime.exchange.fhir_datatypes import Annotation, CodeableConcept
from edge_runtime.exchange.fhir_resources import (
    Device,
    DeviceName,
    DeviceProperty,
    DeviceVersion,
)
from edge_runtime.exchange.fhir_values import concept, qualified, quantity
from edge_runtime.exchange.statements import (
    Coded,
    Number,
    PersonStatements,
    Statement,
    Text,
)


def device_resource(person: PersonStatements) -> Device:
    """Tell the model, still without its identifier.

    Source: HL7 FHIR R4, Device.
    """
    model = person.algorithm
    return Device(
        meta=meta(),
        identifier=(),
        device_name=(
            DeviceName(model.name, "user-friendly-name"),
            DeviceName(model.model, "model-name"),
        ),
        type=concept(codes.CLASSIFIER),
        version=(
            DeviceVersion(concept(codes.VERSION), model.version),
            DeviceVersion(concept(codes.BUNDLE_IDENTITY), model.identity),
        ),
        property=tuple(map(_property, person.general)),
        note=(Annotation(person.disclaimer),),
    )


def _property(statement: Statement) -> DeviceProperty:
    about = qualified(statement.concept, statement.qualifiers)
    match statement.value:
        case Number() as number:
            return DeviceProperty(about, value_quantity=(quantity(number),))
        case Coded(code):
            return DeviceProperty(about, value_code=(concept(code),))
        case Text(text):
            return DeviceProperty(about, value_code=(CodeableConcept(text=text),) if text else ())
