"""The codes that FHIR itself asks for: categories and labels. Facts have theirs in ``codes``.

Source: HL7 FHIR R4 (4.0.1) and HL7 Terminology; each stands there under its system and code. AIAST
is of version 6.0.0 of v3-ObservationValue, as the guide "AI Transparency on FHIR" has it.
"""

from edge_runtime.contract import DISCLAIMER
from edge_runtime.exchange.codes import DISCLAIMER_CODE
from edge_runtime.exchange.fhir_datatypes import CodeableConcept, Coding, Meta

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"

OPHTHALMIC_PHOTOGRAPHY = Coding(
    "http://dicom.nema.org/resources/ontology/DCM", "OP", "Ophthalmic photography"
)
AI_ASSERTED = Coding(
    f"{_TERMINOLOGY}/v3-ObservationValue", "AIAST", "Artificial Intelligence asserted"
)
RESEARCH = Coding(f"{_TERMINOLOGY}/v3-ActReason", "HRESCH", "healthcare research")
EDUCATION = Coding(f"{_TERMINOLOGY}/v3-ActReason", "TRAIN", "training")
IMAGING = CodeableConcept(
    coding=(Coding(f"{_TERMINOLOGY}/observation-category", "imaging", "Imaging"),)
)
IMAGING_SERVICE = CodeableConcept(
    coding=(Coding(f"{_TERMINOLOGY}/v2-0074", "IMG", "Diagnostic Imaging"),)
)
CREATE = CodeableConcept(coding=(Coding(f"{_TERMINOLOGY}/v3-DataOperation", "CREATE", "create"),))
AUTHOR = CodeableConcept(
    coding=(Coding(f"{_TERMINOLOGY}/provenance-participant-type", "author", "Author"),)
)


#: Says in each resource what it is for, as the codes of FHIR can't.
DISCLAIMER_TAG = Coding(DISCLAIMER_CODE.system, DISCLAIMER_CODE.value, DISCLAIMER)


def meta(*tags: Coding, by_model: bool = False) -> Meta:
    """Label a resource: what it is for, and whether a model said it.

    Args:
        tags: Further ones.
        by_model: Whether a model said it.
    """
    return Meta((AI_ASSERTED,) if by_model else (), (RESEARCH, EDUCATION, DISCLAIMER_TAG, *tags))
