"""As much of a FHIR server as takes a transaction: conditional creates by token searches."""

import itertools
import json
import re
from urllib.parse import unquote


class RecordServer:
    """``resources`` are those it has, by "Type/id"."""

    def __init__(self):
        self.resources, self._ids = {}, itertools.count(1)

    def take(self, data):
        """Take a bundle whole; tells how many resources it made."""
        bundle = json.loads(data)
        assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "transaction")
        places, new = {}, {}
        for entry in bundle["entry"]:
            request, resource = entry["request"], entry["resource"]
            assert request["method"] == "POST"
            assert request["url"] == resource["resourceType"]
            found = self._find(request["url"], request["ifNoneExist"])
            assert len(found) <= 1, "412: several match"
            place = found[0] if found else f"{request['url']}/{next(self._ids)}"
            assert entry["fullUrl"] not in places
            places[entry["fullUrl"]] = place
            if not found:
                new[place] = resource
        self.resources |= {place: _linked(each, places) for place, each in new.items()}
        return len(new)

    def of(self, kind):
        return [each for each in self.resources.values() if each["resourceType"] == kind]

    def _find(self, kind, search):
        parameter, _, query = search.partition("=")
        assert "&" not in query
        system, value = (
            re.sub(r"\\([\\|,$])", r"\1", each)
            for each in re.split(r"(?<!\\)(?:\\\\)*\|", unquote(query))
        )
        return [
            place
            for place, each in self.resources.items()
            if each["resourceType"] == kind and (system, value) in _tokens(each, parameter)
        ]


def _tokens(resource, parameter):
    if parameter == "_tag":
        return [(each["system"], each["code"]) for each in resource["meta"]["tag"]]
    assert parameter == "identifier"
    return [(each.get("system"), each["value"]) for each in resource["identifier"]]


def _linked(value, places):
    """Write references as they are on the server; one that leads nowhere is an error."""
    if isinstance(value, list):
        return [_linked(each, places) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: places[each] if key == "reference" else _linked(each, places)
        for key, each in value.items()
    }
