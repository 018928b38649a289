"""Name the resources of a bundle, so that a server makes each once, however often it comes."""

from collections import Counter
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from edge_runtime.exchange.codes import PRIVATE, SYSTEMS
from edge_runtime.exchange.fhir_codes import meta
from edge_runtime.exchange.fhir_datatypes import PDF, Coding, Identifier, Reference
from edge_runtime.exchange.fhir_resources import (
    AnyResource,
    Device,
    DiagnosticReport,
    Entry,
    Observation,
    Provenance,
    Request,
)
from edge_runtime.exchange.fhir_words import URIS, identity, search_for

_Named = TypeVar("_Named", Device, Observation, DiagnosticReport)

#: When it was said isn't what is said: the same result at another time is the same.
_TIMES = ("issued", "recorded")


class Entries:
    """A bundle's entries in their order, each made on a server only where it isn't there yet.

    Source: HL7 FHIR R4 (4.0.1), "RESTful API", conditional create.
    """

    def __init__(self) -> None:
        """Begin without any."""
        self._entries: dict[str, Entry] = {}
        self._met = Counter[str]()

    @property
    def made(self) -> tuple[Entry, ...]:
        """The entries so far."""
        return tuple(self._entries.values())

    def add(self, resource: AnyResource, name: str, search: str) -> Reference:
        """Add a resource.

        In the bundle others refer to it by a name that stands nowhere else: a server writes its own
        in the place of that wherever it meets it, and some do so in identifiers too.

        Args:
            resource: The resource.
            name: What tells it from others.
            search: What finds it on a server.
        """
        kind, full_url = str(resource.__struct_config__.tag), identity("entry", name)
        self._entries[name] = Entry(full_url, resource, Request("POST", kind, search))
        return Reference(full_url)

    def add_named(self, resource: _Named, beside: str = "") -> Reference:
        """Add a resource whose identifier follows from all that it says but the time.

        A PDF says it once more, with the fonts and the versions that are there, and doesn't count.
        What is ``beside`` belongs to it and isn't written.
        """
        name = self._name_of(resource, beside)
        named = replace(resource, identifier=(Identifier(system=URIS, value=name),))
        return self.add(named, name, search_for("identifier", URIS, name))

    def add_provenance(self, resource: Provenance) -> Reference:
        """Add what has no identifier in FHIR: a tag stands for it."""
        name = self._name_of(resource, "")
        tag = Coding(SYSTEMS[PRIVATE], name.removeprefix("urn:uuid:"), "this object")
        tagged = replace(resource, meta=meta(tag, by_model=True))
        return self.add(tagged, name, search_for("_tag", tag.system, tag.code))

    def _name_of(self, resource: AnyResource, beside: str) -> str:
        said: dict[str, Any] = msgspec.to_builtins(resource)
        if forms := said.get("presentedForm"):
            said["presentedForm"] = [each for each in forms if each["contentType"] != PDF]
        name = identity({key: each for key, each in said.items() if key not in _TIMES}, beside)
        self._met[name] += 1
        count = self._met[name]  # two files may have one content and name
        return name if count == 1 else identity(name, count)
