"""The codes of all that is said in DICOM and FHIR, in one table.

A code of DICOM (DCM), SNOMED CT (SCT) or UCUM stands here where one means what we mean, as
PS3.16 has it. All else has private ones under one designator, told by the words beside them alone.
"""

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

from edge_runtime.bundle.referral import Referral
from edge_runtime.errors import printable
from edge_runtime.hospital.modules import derived_uid
from edge_runtime.results.codings import CLASSES, Coding

#: A terminology as DICOM designates it; the last is our own.
Scheme = Literal["DCM", "SCT", "UCUM", "UMLS", "RFC5646", "99FUNDUSEDGE"]

PRIVATE: Scheme = "99FUNDUSEDGE"
#: What stands for our own terminology as a whole, and its name.
PRIVATE_UID, PRIVATE_NAME = derived_uid("codes"), "fundus-edge private codes"

#: A terminology's URI, as FHIR has it.
SYSTEMS: Mapping[Scheme, str] = MappingProxyType({
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
    "SCT": "http://snomed.info/sct", "UCUM": "http://unitsofmeasure.org",
    "UMLS": "http://terminology.hl7.org/CodeSystem/umls",
    "RFC5646": "urn:ietf:bcp:47", "99FUNDUSEDGE": f"urn:oid:{PRIVATE_UID}",
})  # fmt: skip


class Code(Struct, frozen=True):
    """A coded concept: ``value`` of at most 16 letters, ``meaning`` of at most 64."""

    value: str
    scheme: Scheme
    meaning: str

    @property
    def system(self) -> str:
        """The terminology's URI."""
        return SYSTEMS[self.scheme]


def _own(value: str, meaning: str) -> Code:
    return Code(value, PRIVATE, meaning)


def _owns(prefix: str, meanings: Mapping[str, str]) -> Mapping[str, Code]:
    values = {key: f"{prefix}{key.replace('_', '-')}" for key in meanings}
    return MappingProxyType({key: _own(values[key], said) for key, said in meanings.items()})


# what statements are about; those of DICOM and SNOMED CT: PS3.16, annex D and CID 9000
FINDING = Code("121071", "DCM", "Finding")
FINDING_SITE = Code("363698007", "SCT", "Finding Site")
LATERALITY = Code("272741003", "SCT", "Laterality")
EYE = Code("81745001", "SCT", "Eye")
IMAGE_QUALITY = Code("111101", "DCM", "Image Quality")
PROBABILITY = _own("probability", "Probability of the class by the model")
REFERRAL = _own("referral", "Referral by the thresholds of the model")
REFERRAL_SCORE = _own("referral-score", "Probability of any class that needs a referral")
REFERRAL_THRESHOLD = _own("referral-limit", "Score from which on the person is referred")
REFERRAL_WHY = _own("referral-why", "Why it is referred or not")
QUALITY_REASON = _own("quality-reason", "Why the photograph has no class")
READ_AS = _own("read-as", "How the file was read where that is not plain")
CAUTION = _own("caution", "Why not to rely on the result")
CAUTION_TEXT = _own("caution-text", "Why not to rely on the result, in words")
FAMILIARITY = _own("familiarity", "Share of validation photographs as strange or more")
STRANGENESS = _own("strangeness", "Distance from training photographs, 1 at the limit")
SIDE_DOUBT = _own("side-doubt", "Doubt about which eye it is")
SIDE_DOUBT_TEXT = _own("side-doubt-text", "Doubt about which eye it is, in words")
EVIDENCE = _own("evidence", "Evidence for the class, in logits")
EVIDENCE_OUTSIDE = _own("evidence-outside", "Share of the evidence outside of the eye")
EVIDENCE_IN_ZONE = _own("evidence-in-zone", "Share of the evidence in the zone")
EVENLY_IN_ZONE = _own("evenly-in-zone", "Share in the zone of evidence spread evenly")
EVIDENCE_TEXT = _own("evidence-text", "Where the evidence lies, in words")
OVERLAY = _own("overlay", "Photograph with the evidence for the class laid over")
# what statements of the whole report are about
THRESHOLD = _own("threshold", "Threshold of the class")
SENSITIVITY = _own("sensitivity", "Sensitivity that the thresholds were chosen for")
NO_REFERRAL_CLASS = _own("healthy-class", "Class that needs no referral")
SCOPE_CLASS = _own("scope-class", "Class that is looked for")
SCOPE_LIMITS = _own("scope-limits", "What is not looked for")
MEASURED_ON = _own("measured-on", "What the figures of the model do not tell")
BUNDLE = _own("bundle", "Name of the bundle")
BUNDLE_IDENTITY = _own("bundle-identity", "SHA-256 of the manifest of the bundle")
MODEL = _own("model", "Name of the model in the bundle")
MODEL_SHA256 = _own("model-sha256", "SHA-256 of the file of the model")
PRECISION = _own("precision", "Precision of the model")
PROVIDERS = _own("providers", "What the model ran on")
VALIDATION = _own("validation", "What the validation of the model said")
CALIBRATION = _own("calibration", "How probabilities are calibrated")
DISCLAIMER_CODE = _own("disclaimer", "What the results are for")

# what FHIR says beside statements; DICOM has tags, or places of their own, for these
PHOTO = _own("photo", "File of the photograph")
OBJECT = _own("object", "SOP Instance UID of the photograph")
FRAME = _own("frame", "Frame of the photograph in its object, from 1")
ACQUIRED = _own("acquired", "When the photograph was taken, as its file says")
CLASSIFIER = _own("classifier", "Model that classifies fundus photographs")
VERSION = _own("version", "Version of fundus-edge")
QUALIFIER = _own("qualifier", "What the concept is of")
CAMP_PHOTO = _own("camp-photo", "What people said of the photograph at the camp")
CAMP_PERSON = _own("camp-person", "What the person came to at the camp")
#: Where a person's ID comes from: if it is known whose it is, if DICOM says so, if of a camp.
PATIENT_KINDS: Mapping[tuple[bool, bool, bool], Code] = MappingProxyType({
    (True, True, False): _own("patient-dicom", "Patient ID of the DICOM files"),
    (True, False, False): _own("patient-file", "Person in the names of the files"),
    (False, False, False): _own("patient-nobody", "Photograph of nobody who is known"),
    (True, True, True): _own("patient-worklist", "Patient ID of the worklist of the hospital"),
    (True, False, True): _own("patient-camp", "ID that was given at the camp"),
    (False, False, True): _own("patient-number", "Moment and number of the person at the camp"),
})  # fmt: skip

#: Values of ``REFERRAL``.
REFER = _own("refer", "To be referred to a doctor")
NO_REFERRAL = _own("no-referral", "No referral by the model alone")
#: Values of ``IMAGE_QUALITY``, by ``QualityStatement.status``, and where nobody checked it.
QUALITIES = _owns("", {
    "graded": "Can be graded", "ungradable": "Can not be graded", "unreadable": "Can not be read",
    "unchecked": "Graded without a check of its quality",
})  # fmt: skip
#: Values of ``CAUTION``, by ``Caution.code``.
CAUTIONS: Mapping[str, Code] = MappingProxyType({
    "evidence_outside": _own("outside", "Much of the evidence lies outside of the eye"),
    "unfamiliar": _own("unfamiliar", "Looks unlike most photographs of training"),
})  # fmt: skip
#: Values of ``SIDE_DOUBT``, by ``hospital.facts.DoubtKind``.
DOUBTS = _owns("side-", {
    "absent": "Nothing says which eye it is", "both": "The file says both eyes",
    "unknown": "The word of the file for the eye is not R or L",
    "name": "The name of the file says the other eye",
    "disc": "The optic disc lies as in the other eye",
})  # fmt: skip

# what people said at a camp, and what a person came to there
SIDE_TOLD_BY = _own("side-told-by", "Who said which eye it is")
DECISION = _own("decision", "What the operator decided of the photograph")
DECISION_REASON = _own("decision-reason", "Why the operator decided so")
DECIDED_BY = _own("decided-by", "Operator who decided")
ADVICE = _own("advice", "Advice by the model and the operators")
ADVICE_WHY = _own("advice-why", "What the advice follows from")
GIVEN_ID = _own("given-id", "ID as it was given at the camp")
BIRTH_YEAR = _own("birth-year", "Year of birth as it was given at the camp")
REFERRED_TO = _own("referred-to", "Where the person was told to go")
REFERRED_ON = _own("referred-on", "Day on which the person was told to go there")
DUE = _own("due", "Referral of an earlier visit that is still due")
DUE_SINCE = _own("due-since", "Day of the visit of the referral that is still due")
#: Values of ``DUE``, by the station's ``DueAtCamp.why``.
DUES = _owns("due-", {
    "untold": "Not told where to go", "open": "Not known whether they went", "missed": "Did not go",
})  # fmt: skip
#: Values of ``SIDE_TOLD_BY``: who is believed; the optic disc isn't.
TELLERS = _owns("by-", {
    "operator": "The operator", "file": "The DICOM file", "name": "The name of the file",
})  # fmt: skip
#: Values of ``SIDE_DOUBT`` that an operator's word leaves.
TOLD_DOUBTS = _owns("side-", {
    "untold": "The operator could not tell which eye it is",
    "overruled": "The operator says another eye than the file",
})  # fmt: skip
#: Values of ``DECISION``, by the station's ``Decision``.
DECISIONS = _owns("word-", {
    "accepted": "The operator let it stand", "retake": "The operator set it aside",
    "refer": "The operator refers", "no-referral": "The operator does not refer",
})  # fmt: skip
#: Values of ``ADVICE``, by the station's ``Advice``.
ADVICES = _owns("do-", {
    "refer": "To be referred to a doctor, by the model or an operator",
    "retake": "To be photographed again", "incomplete": "One eye lacks a photograph",
    "undecided": "The model decides on no referral", "waiting": "There is no photograph yet",
    "no-referral": "No referral by the model and the operators",
})  # fmt: skip
#: Values of ``ADVICE_WHY``, by the station's ``EyeAdvice.why``.
ADVICE_WHYS = _owns("why-", {
    "result": "A result of the model", "operator": "A decision of the operator",
    "no-result": "No photograph has a result", "set-aside": "All photographs were set aside",
    "none": "There is no photograph",
})  # fmt: skip
#: Of which eye an advice is where nobody said which one it is.
UNTOLD_EYES = _owns("untold-", {
    "unknown": "Eye of which the side is not known",
    "right": "Right eye by the optic disc alone, a guess",
    "left": "Left eye by the optic disc alone, a guess",
})  # fmt: skip

#: The zones of the retina, by their names in ``explain.zones``.
ZONE_CODES = _owns("zone-", {
    "outside": "At the edge of the eye and beyond", "disc": "On the optic disc",
    "macula": "In the macula", "disc_1": "Beside the optic disc, within one disc diameter",
    "disc_2": "Around the optic disc, within two disc diameters",
    "arcades": "Along the vessel arcades", "periphery": "In the periphery of the photograph",
})  # fmt: skip

# what a structured report's tree consists of (PS3.16, TID 1500 and those that it includes)
MEASUREMENT_REPORT = Code("126000", "DCM", "Imaging Measurement Report")
LANGUAGE = Code("121049", "DCM", "Language of Content Item and Descendants")
ENGLISH = Code("en", "RFC5646", "English")
OBSERVER_TYPE = Code("121005", "DCM", "Observer Type")
DEVICE = Code("121007", "DCM", "Device")
DEVICE_UID = Code("121012", "DCM", "Device Observer UID")
DEVICE_NAME = Code("121013", "DCM", "Device Observer Name")
DEVICE_MAKER = Code("121014", "DCM", "Device Observer Manufacturer")
DEVICE_MODEL = Code("121015", "DCM", "Device Observer Model Name")
PROCEDURE_REPORTED = Code("121058", "DCM", "Procedure reported")
IMAGING_PROCEDURE = Code("363679005", "SCT", "Imaging procedure")
IMAGING_MEASUREMENTS = Code("126010", "DCM", "Imaging Measurements")
MEASUREMENT_GROUP = Code("125007", "DCM", "Measurement Group")
QUALITATIVE_EVALUATIONS = Code("C0034375", "UMLS", "Qualitative Evaluations")
TRACKING_IDENTIFIER = Code("112039", "DCM", "Tracking Identifier")
TRACKING_UID = Code("112040", "DCM", "Tracking Unique Identifier")
ALGORITHM_NAME = Code("111001", "DCM", "Algorithm Name")
ALGORITHM_VERSION = Code("111003", "DCM", "Algorithm Version")
ALGORITHM_PARAMETERS = Code("111002", "DCM", "Algorithm Parameters")
SOURCE_OF_MEASUREMENT = Code("121112", "DCM", "Source of Measurement")
IMAGE_LIBRARY = Code("111028", "DCM", "Image Library")
IMAGE_LIBRARY_GROUP = Code("126200", "DCM", "Image Library Group")
SOURCE = Code("260753009", "SCT", "Source")
IMAGE_REGION = Code("111030", "DCM", "Image Region")
SOURCE_IMAGE = Code("121322", "DCM", "Source image for image processing operation")

#: A number without a unit (CID 7181).
NO_UNITS = Code("1", "UCUM", "no units")

_PLAIN = re.compile(r"[a-z0-9_-]{1,10}")


def code_of(coding: Coding) -> Code:
    """Give a code of the person's report as DICOM designates it."""
    (scheme,) = (name for name, system in SYSTEMS.items() if system == coding.system)
    return Code(coding.code, scheme, coding.display)


def class_code(name: str) -> Code:
    """Give the code of a class: that of SNOMED CT, else a private one of its name in the bundle."""
    if name in CLASSES:
        return code_of(CLASSES[name])
    plain = name if _PLAIN.fullmatch(name) else hashlib.sha256(name.encode()).hexdigest()[:10]
    meaning = printable(name).replace("\\", "/").strip()[:57].strip()
    return _own(f"class-{plain}", f"Class {meaning}".strip())


def referral_code(decision: Referral) -> Code:
    """Give the code of a decision."""
    return REFER if decision.refer else NO_REFERRAL
