"""The codes that FHIR itself asks for: categories and labels. Facts have theirs in ``codes``.

Source: HL7 FHIR R4 (4.0.1) and HL7 Terminology; each stands there under its system and code. AIAST
is of version 6.0.0 of v3-ObservationValue, as the guide "AI Transparency on FHIR" has it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from edge_runtime.contract import DISCLAIMER
from edge_runtime.exchange.codes import DISCLAIMER_CODE, EYE, LATERALITY
from edge_runtime.exchange.fhir_datatypes import CodeableConcept, Coding, Meta
from edge_runtime.explain.landmarks import Eye
from edge_runtime.results.codings import SIDES

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"

#: Any eye.
ANY_EYE = Coding(EYE.system, EYE.value, EYE.meaning)
#: An eye with its side, as an expression of SNOMED CT (compositional grammar): the concepts that
#: once stood for the right and for the left eye are inactive.
EYES: Mapping[Eye, Coding] = MappingProxyType({
    eye: Coding(
        EYE.system, f"{EYE.value}:{LATERALITY.value}={side.code}", f"{side.display} eye"
    )
    for eye, side in SIDES.items()
})  # fmt: skip

#: What takes pictures, by DICOM's word: those that photographs may be of (PS3.16, CID 33).
MODALITIES: Mapping[str, Coding] = MappingProxyType({
    word: Coding("http://dicom.nema.org/resources/ontology/DCM", word, meaning)
    for word, meaning in {
        "OP": "Ophthalmic Photography",
        "XC": "External-camera Photography",
        "OPT": "Ophthalmic Tomography",
        "OPM": "Ophthalmic Mapping",
        "ES": "Endoscopy",
        "GM": "General Microscopy",
        "SM": "Slide Microscopy",
        "DMS": "Dermoscopy",
        "OT": "Other",
    }.items()
})  # fmt: skip
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
