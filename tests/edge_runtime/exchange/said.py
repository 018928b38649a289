"""What is said of persons, made up: two eyes, one, one that nobody knows, and hostile words."""

from hypothesis import strategies as st

from edge_runtime.exchange import codes
from edge_runtime.exchange.codes import class_code, code_of
from edge_runtime.exchange.statements import (
    Algorithm,
    Coded,
    EyeStatements,
    ImageReference,
    Number,
    Patient,
    PersonStatements,
    PhotoStatements,
    Qualifier,
    Statement,
    Text,
)
from edge_runtime.results.codings import SIDES

WHEN = "2026-01-02T03:04:05+01:00"
FOR_STUDY = "For study only."
OP8 = "1.2.840.10008.5.1.4.1.1.77.1.5.1"
CLASSES = ("glaucoma", "normal")
HOSTILE = (
    "<script>alert(1)</script>", "a|b$c,d\\e&f=g?#h", "' OR 1=1 --", "Пациент 7", "\u202eabc",
    "]]>", "urn:uuid:1", "%7C", "  two  ", "x" * 64,
)  # fmt: skip


def of(name):
    return (Qualifier(codes.FINDING, class_code(name)),)


def graded(*, glaucoma=0.75):
    """Say what there is of a photo with a class."""
    return (
        Statement(codes.IMAGE_QUALITY, Coded(codes.QUALITIES["graded"])),
        Statement(codes.FINDING, Coded(class_code("glaucoma"))),
        Statement(codes.PROBABILITY, Number(glaucoma), of("glaucoma")),
        Statement(codes.PROBABILITY, Number(1 - glaucoma), of("normal")),
        Statement(codes.REFERRAL, Coded(codes.REFER)),
        Statement(codes.REFERRAL_SCORE, Number(glaucoma)),
        Statement(codes.CAUTION, Coded(codes.CAUTIONS["unfamiliar"])),
        Statement(codes.CAUTION_TEXT, Text("look at it yourself")),
        Statement(
            codes.EVIDENCE_IN_ZONE,
            Number(0.1 + 0.2),
            (*of("glaucoma"), Qualifier(codes.FINDING_SITE, codes.ZONE_CODES["disc"])),
        ),
    )


def refused():
    return (
        Statement(codes.IMAGE_QUALITY, Coded(codes.QUALITIES["ungradable"])),
        Statement(codes.QUALITY_REASON, Text("it is too dark")),
    )


def image(number=1, *, study="1.2.3", series="1.2.3.4", frame=None):
    return ImageReference(OP8, f"1.2.3.4.{number}", series, study, frame)


def photo(number=1, eye="right", said=None, *, of_object=None, acquired="", name=None, modality=""):
    told = graded() if said is None else said
    return PhotoStatements(
        number, name or f"P1_{number}.jpg", eye, of_object, WHEN, acquired, told, (), modality
    )


def person(*photos, patient=None, general=None):
    """Put photos of a person together, eye by eye."""
    photos = photos or (photo(1, "right"), photo(2, "left", refused()), photo(3, None))
    who = patient or Patient("P1", "", is_known=True, is_dicom=False)
    told = (
        Statement(codes.DISCLAIMER_CODE, Text(FOR_STUDY)),
        Statement(codes.PRECISION, Text("int8")),
        Statement(codes.THRESHOLD, Number(0.25), of("glaucoma")),
        Statement(codes.NO_REFERRAL_CLASS, Coded(class_code("normal"))),
    )
    return PersonStatements(
        who, WHEN, Algorithm("fundus-edge", "1.0", "1" * 64, "int8", "int8"),
        tuple(
            EyeStatements(eye, eye and code_of(SIDES[eye]), those)
            for eye in ("right", "left", None)
            if (those := tuple(each for each in photos if each.eye == eye))
        ),
        told if general is None else general, FOR_STUDY,
    )  # fmt: skip


_words = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=30)
_concepts = st.sampled_from([codes.EVIDENCE, codes.READ_AS, codes.REFERRAL_WHY, codes.FAMILIARITY])
_values = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(Number),
    _words.map(Text),
    st.sampled_from([*codes.QUALITIES.values()]).map(Coded),
)
_statements = st.lists(st.builds(Statement, _concepts, _values), max_size=5).map(tuple)
_photos = st.builds(
    photo,
    st.integers(1, 10**6),
    st.sampled_from(["right", "left", None]),
    st.tuples(st.sampled_from([graded(), refused()]), _statements).map(lambda each: sum(each, ())),
    of_object=st.one_of(st.none(), st.builds(image, st.integers(0, 9), frame=st.integers(1, 9))),
    acquired=st.sampled_from(["", "2024-01-31", "2024-01-31T10:11", "2024-01-31T10:11:12-03:00"]),
    name=_words,
)

#: Persons of all kinds.
persons = st.builds(
    lambda photos, who, issuer, known: person(
        *photos, patient=Patient(who, issuer if known else "", known, known and bool(issuer))
    ),
    st.lists(_photos, min_size=1, max_size=4, unique_by=lambda each: each.number),
    _words,
    st.one_of(st.just(""), _words),
    st.booleans(),
)
