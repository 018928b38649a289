"""Write names, times and searches as FHIR takes them, whatever stands in a file's name or a header.

Source: HL7 FHIR R4 (4.0.1), "Data Types" and "Search", on tokens and on escaping.
"""

import datetime
import json
import re
import uuid
from urllib.parse import quote

#: The system of names that are URIs by themselves.
URIS = "urn:ietf:rfc:3986"
#: The system of DICOM's UIDs, whose names are ``urn:oid:`` and the UID.
DICOM_UIDS = "urn:dicom:uid"

#: Of all names that are made here: another meaning of one would need another number.
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:fundus-edge:exchange")

_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_SPECIAL = re.compile(r"([\\,$|])")


def identity(*parts: object) -> str:
    """Name something by what it consists of: ``urn:uuid:`` and a UUID of version 5.

    The same parts have the same name on each computer and at each time, and no others have it.

    Source: RFC 9562, 5.5.
    """
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, json.dumps(parts, sort_keys=True))}"


def is_oid(text: str) -> bool:
    """Tell whether a UID of DICOM is an OID by ISO's rules too, as ``urn:oid:`` needs.

    Source: DICOM PS3.5, 9.1 and annex B; ITU-T X.660, 7.6.
    """
    return len(text) <= 64 and _OID.fullmatch(text) is not None


def search_for(parameter: str, system: str, value: str) -> str:
    r"""Write the search for a token, such as ``identifier=system|value``, to stand in a URL.

    What parts a token's values (\ , $ |) is escaped, then all that parts a URL.
    """
    escaped = "|".join(_SPECIAL.sub(r"\\\1", each) for each in (system, value))
    return f"{parameter}={quote(escaped, safe='')}"


def date_time(told: str) -> str:
    """Write a moment of ISO 8601 as FHIR takes it, as precise as it is known.

    A time without the offset from UTC can't be told in FHIR: the day alone is left then.

    Args:
        told: Day, or day and time; "" is unknown.

    Returns:
        "" where it is unknown.
    """
    if "T" not in told:
        return told
    moment = datetime.datetime.fromisoformat(told)
    return moment.date().isoformat() if moment.tzinfo is None else moment.isoformat()
