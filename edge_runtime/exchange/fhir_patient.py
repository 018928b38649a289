"""Tell FHIR who the person is, so that nobody is taken for another one of the same number."""

from edge_runtime.errors import printable
from edge_runtime.exchange.codes import PATIENT_KINDS
from edge_runtime.exchange.fhir_codes import meta
from edge_runtime.exchange.fhir_datatypes import HumanName, Identifier, Reference
from edge_runtime.exchange.fhir_resources import Patient
from edge_runtime.exchange.fhir_values import concept
from edge_runtime.exchange.fhir_words import URIS, identity
from edge_runtime.exchange.statements import Patient as PatientStatement


def patient_resource(
    told: PatientStatement, *, system: str, first_photo: str, assigner: str = ""
) -> tuple[Patient, Identifier]:
    """Tell who the person is.

    A number alone is nobody's: other hospitals and camps number alike. It finds a person on a
    server only where somebody says of which system it is (``system``), or where DICOM files say who
    issued it. Else the person is the one of a camp, at each of their visits, or the one of this
    photo, whatever the number. A name and a year of birth stand there only where they were given at
    a camp.

    Args:
        told: The person.
        system: The URI of the system that all persons' IDs are of; "" where nobody says it.
        assigner: Who issued the ID, where the person's files don't tell it; "" likewise.
        first_photo: What tells the person's first photo from all others.

    Returns:
        The person, and the identifier by which a server finds them.
    """
    found_by = system if told.is_known else ""
    value = printable(told.identifier)
    kind = concept(PATIENT_KINDS[told.is_known, told.is_dicom, told.at_camp])
    by = told.issuer or assigner
    issuer = Reference(display=printable(by)) if by else None
    said = Identifier(type=kind, system=found_by, value=value, assigner=issuer)
    name = (HumanName(told.name),) if told.name else ()
    born = "" if told.birth_year is None else f"{told.birth_year:04}"
    if found_by:
        return Patient(meta(), (said,), name, born), said
    is_issued = told.is_known and told.issuer != ""
    if is_issued:
        whose: tuple[str, ...] = value, "issued", told.issuer
    else:  # who is called otherwise by now is the same at a camp
        whose = ("of camp", told.key) if told.key else (value, "of photo", first_photo)
    only = Identifier(system=URIS, value=identity("person", *whose))
    return Patient(meta(), (only, said), name, born), only
