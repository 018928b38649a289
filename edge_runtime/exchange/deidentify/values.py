"""Keep of an attribute's value what its rule lets stay."""

import math
from collections.abc import Callable
from typing import Any

from edge_runtime.exchange.deidentify.kept import (
    INNER,
    KEPT,
    Codes,
    Items,
    Numbers,
    Rule,
    Terms,
    Uid,
)
from edge_runtime.photo.frames import MAX_FRAMES

_FRACTIONS, _WHOLE = frozenset({"DS", "FD", "FL"}), frozenset({"IS", "SL", "SS", "UL", "US"})


def kept_attributes(
    source: Any, uid: Callable[[str], str], *, within: frozenset[str] | None = None
) -> Any:
    """Make a data set of what stays of another one.

    Args:
        source: A ``pydicom`` data set.
        uid: From a UID to the one that stands for it.
        within: The keywords that may stand in it; None for a whole object's.
    """
    from pydicom.datadict import tag_for_keyword  # noqa: PLC0415 - its extra may not be there
    from pydicom.dataset import Dataset  # noqa: PLC0415

    made: Any = Dataset()
    for keyword, rule in KEPT.items():
        if keyword in INNER if within is None else keyword not in within:
            continue
        try:
            element = source.get(tag_for_keyword(keyword))
            value = None if element is None else _kept(element, rule, source, uid)
        except Exception:  # damage has no class in common, and what can't be read doesn't stay
            value = None
        if value is not None:
            setattr(made, keyword, value)
            if element is not None and element.VR in _WHOLE and element.VR not in ("IS",):
                made[keyword].VR = element.VR
    return made


def _kept(element: Any, rule: Rule, source: Any, uid: Callable[[str], str]) -> Any:
    """Give what stays of a value, None for nothing."""
    value = element.value
    match rule:
        case Terms():
            return _words(value, rule)
        case Numbers():
            return _numbers(value, rule, element.VR)
        case Codes():
            return _codes(value, rule)
        case Items():
            items = list(value)[:MAX_FRAMES]
            kept = [kept_attributes(item, uid, within=rule.within) for item in items]
            return [item for item in kept if all(item.get(each) for each in rule.needs)] or None
        case Uid():
            return _uid(str(value), uid) if str(value or "") else None
    return _table(element, source)


def _listed(value: Any) -> list[Any]:
    several = hasattr(value, "__iter__") and not isinstance(value, str | bytes)
    return list(value) if several else [] if value is None or value == "" else [value]


def _words(value: Any, rule: Terms) -> Any:
    words = [str(each) for each in _listed(value)]
    if not words:
        return None
    kept = [word if word in rule.words else rule.otherwise for word in words[:4]]
    return None if None in kept else kept[0] if len(kept) == 1 else kept


def _numbers(value: Any, rule: Numbers, vr: str) -> Any:
    found = [float(each) for each in _listed(value)]
    is_kind = vr in (_FRACTIONS | _WHOLE) or " or " in vr
    inside = all(math.isfinite(each) and rule.least <= each <= rule.greatest for each in found)
    if not found or len(found) > rule.most or not inside or not is_kind:
        return None
    if rule.is_whole:
        whole = [int(each) for each in found]
        return whole if rule.most > 1 else whole[0]
    # written anew, as digits beyond those that a decoder needs could say anything
    kept = [f"{each:.9g}" if vr == "DS" else each for each in found]
    return kept if rule.most > 1 else kept[0]


def _codes(value: Any, rule: Codes) -> Any:
    known = [coded(str(item.CodingSchemeDesignator), str(item.CodeValue)) for item in value
             if "CodeValue" in item and "CodingSchemeDesignator" in item]  # fmt: skip
    kept = [each for each in known[: rule.most] if each is not None]
    if not kept and rule.otherwise and len(value):
        return [coded(*rule.otherwise)]
    return kept


def coded(scheme: str, value: str) -> Any:
    """Make an item of a code with the meaning that the dictionaries give it; None without one.

    Source: the dictionaries of DCM and SNOMED CT that ``pydicom`` has of DICOM PS3.16.
    """
    from pydicom.dataset import Dataset  # noqa: PLC0415 - as above
    from pydicom.sr._concepts_dict import concepts  # noqa: PLC0415
    from pydicom.sr._snomed_dict import mapping  # noqa: PLC0415

    if scheme in ("SRT", "SNM3", "99SDM"):  # as SNOMED was named before its numbers
        scheme, value = "SCT", mapping["SRT"].get(value, "")
    known: dict[str, Any] = concepts[scheme] if scheme in ("SCT", "DCM") else {}
    meaning = next((each[value][0] for each in known.values() if value in each), None)
    if meaning is None:
        return None
    item: Any = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning[:64]
    return item


def _uid(value: str, uid: Callable[[str], str]) -> str:
    from pydicom._uid_dict import UID_dictionary  # noqa: PLC0415 - as above

    return value if value in UID_dictionary else uid(value)


def _table(element: Any, source: Any) -> Any:
    """Give as many numbers of a table as its descriptor says."""
    descriptor = element.keyword.replace("Data", "Descriptor")
    entries, _, bits = (int(each) for each in source[descriptor].value)
    count = entries or 1 << 16
    if not isinstance(element.value, bytes):
        return [int(each) for each in _listed(element.value)[:count]]
    is_packed = bits <= 8 and len(element.value) < 2 * count
    kept = element.value[: count if is_packed else 2 * count]
    return kept + b"\0" * (len(kept) % 2)
