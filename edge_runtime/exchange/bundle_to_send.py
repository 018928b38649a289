"""Read what a FHIR bundle is that is to be sent, and whether it may be sent twice.

Source: FHIR R4, "Bundle", "RESTful API: transaction", and "conditional create".
"""

import re
from pathlib import Path
from typing import Any

from edge_runtime.exchange.errors import NotSendableError
from edge_runtime.exchange.outbox_form import Parcel
from edge_runtime.exchange.to_send import parcel_of
from edge_runtime.system.codec import parse

#: The most bytes of a bundle, whose PDFs stand in it.
MOST_BYTES = 64 << 20

_MOST_ENTRIES = 10_000
_AS_JSON = (".json",)


def is_bundle(file: Path) -> bool:
    """Tell of a file in a folder, by its name and first bytes, whether it may be a bundle."""
    if file.suffix.lower() not in _AS_JSON:
        return False
    try:
        with file.open("rb") as opened:
            begin = opened.read(4096)
    except OSError:
        return True  # whoever reads it will say why it can't be
    return re.search(rb'"resourceType"\s*:\s*"Bundle"', begin) is not None


def read_bundle(file: Path) -> Parcel:
    """Read what a bundle is: a transaction that changes nothing where it comes a second time.

    Raises:
        NotSendableError: It is none.
        OSError: It can't be read.
    """
    if not file.is_file():
        raise NotSendableError(file, "it is no file")
    if file.stat().st_size > MOST_BYTES:
        raise NotSendableError(file, f"it has more than {MOST_BYTES >> 20} MB")
    try:
        bundle = parse(file.read_bytes())
        identity = _identity(bundle)
    except ValueError as error:
        raise NotSendableError(file, f"it {error}") from error
    return parcel_of(file, identity, "FHIR bundle", may_change=True)


def _identity(bundle: Any) -> str:
    """Check a bundle, and give the identifier that it has, "" for none."""
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise ValueError("is no FHIR bundle")
    if bundle.get("type") != "transaction":
        raise ValueError("is a bundle of another type than 'transaction', which goes in whole")
    entries = bundle.get("entry")
    if not isinstance(entries, list) or not 0 < len(entries) <= _MOST_ENTRIES:
        raise ValueError(f"is a bundle without entries, or with more than {_MOST_ENTRIES}")
    for number, entry in enumerate(entries, 1):
        told = entry.get("request") if isinstance(entry, dict) else None
        request: dict[str, Any] = told if isinstance(told, dict) else {}
        method = request.get("method")
        if method not in ("POST", "PUT"):
            raise ValueError(f"has entry {number} that neither makes nor updates anything")
        if method == "POST" and not request.get("ifNoneExist"):
            raise ValueError(
                f"has entry {number} that would be made again each time it is sent; give its "
                "request an ifNoneExist, or update by PUT"
            )
    named = bundle.get("identifier")
    if not isinstance(named, dict) or not isinstance(named.get("value"), str):
        return ""
    return f"{named.get('system') or ''}|{named['value']}"[:500]
