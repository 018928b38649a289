"""The codes of public terminologies that a report's statements carry: only those that are certain.

SNOMED CT International Edition, concept identifiers as its browser gives them: disorders for the
classes, qualifiers for the sides. A class that isn't here is told by its name in the bundle alone.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from edge_runtime.explain.landmarks import Eye

_SNOMED = "http://snomed.info/sct"  # the name by which FHIR and its readers know the terminology


class Coding(Struct, frozen=True):
    """A concept: ``system`` is the terminology's URI, ``display`` the concept's name there."""

    system: str
    code: str
    display: str


#: By a class's name in a bundle.
CLASSES: Mapping[str, Coding] = MappingProxyType({
    "cataract": Coding(_SNOMED, "193570009", "Cataract"),
    "glaucoma": Coding(_SNOMED, "23986001", "Glaucoma"),
    "diabetic_retinopathy": Coding(_SNOMED, "4855003", "Diabetic retinopathy"),
})  # fmt: skip

#: The side of the body that an eye is on.
SIDES: Mapping[Eye, Coding] = MappingProxyType({
    "right": Coding(_SNOMED, "24028007", "Right"),
    "left": Coding(_SNOMED, "7771000", "Left"),
})  # fmt: skip
