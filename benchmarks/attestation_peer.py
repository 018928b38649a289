"""Read the statements of a bundle with in-toto's own library, and see it refuse changed ones.

Every field must be one that in-toto and SLSA define, but for those that begin with fundusedge_,
which are left out before, as any other reader does. It has an environment of its own:

python3.11 -m venv PEER && PEER/bin/pip install in-toto-attestation==0.9.3
PEER/bin/python benchmarks/attestation_peer.py BUNDLE/attestations.jsonl
"""

import copy
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError
from in_toto_attestation.predicates.provenance.v1.provenance_pb2 import Provenance
from in_toto_attestation.predicates.test_result.v0.test_result_pb2 import TestResult
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as Message

_KINDS: Mapping[str, Callable[[], Any]] = {
    "https://slsa.dev/provenance/v1": Provenance,
    "https://in-toto.io/attestation/test-result/v0.1": TestResult,
}


def main() -> None:
    """Print a line for each statement, and end with 1 if the library sees anything otherwise."""
    wrong = False
    for line in Path(sys.argv[1]).read_text("ascii").splitlines():
        stated = json.loads(line)
        said = _fault(stated)
        missed = [name for name, changed in _changed(stated).items() if not _fault(changed)]
        wrong |= bool(said or missed)
        kind = stated["predicate"].get("buildDefinition", {}).get("buildType", "test result")
        print(f"{kind}: {said or 'read'}; changed and not refused: {', '.join(missed) or 'none'}")
    sys.exit(wrong)


def _fault(stated: dict[str, Any]) -> str:
    """Say what the library refuses of a statement; "" where it reads all of it."""
    try:
        plain = _without_ours(stated)
        Statement.copy_from_pb(ParseDict(plain, Message())).validate()
        read = ParseDict(plain["predicate"], _KINDS[stated["predicateType"]]())
        if isinstance(read, Provenance):
            resources = read.build_definition.resolved_dependencies
            if not read.build_definition.build_type or not read.run_details.builder.id:
                return "it lacks a type or a builder"
        else:
            resources = read.configuration
            if read.result not in ("PASSED", "WARNED", "FAILED"):
                return "it has a result of another kind"
        for each in resources:
            ResourceDescriptor.copy_from_pb(each).validate()
    except (ParseError, ValueError, KeyError) as error:
        return str(error)
    return ""


def _without_ours(value: Any) -> Any:
    if isinstance(value, dict):
        ours = [name for name in value if name.startswith("fundusedge_")]
        return {name: _without_ours(each) for name, each in value.items() if name not in ours}
    return [_without_ours(each) for each in value] if isinstance(value, list) else value


def _changed(stated: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Make statements that no library may read: each field of the formats under another name."""
    found = {}
    for path in _fields(stated):
        changed = copy.deepcopy(stated)
        *above, name = path
        place = changed
        for each in above:
            place = place[each]
        place[f"{name}X"] = place.pop(name)
        found[".".join(map(str, path))] = changed
    return found


def _fields(stated: dict[str, Any]) -> list[tuple[Any, ...]]:
    """List the places of the fields that the formats define, not of what is free below them."""
    named = [("_type",), ("subject",), ("subject", 0, "digest"), ("predicateType",)]
    predicate = stated["predicate"]
    for name, value in predicate.items():
        if name.startswith("fundusedge_"):
            continue
        named.append(("predicate", name))
        if isinstance(value, dict):
            named += [("predicate", name, each) for each in value]
    if "runDetails" in predicate:
        named += [("predicate", "runDetails", "builder", each) for each in ("id", "version")]
        named.append(("predicate", "runDetails", "metadata", "finishedOn"))
    return named


if __name__ == "__main__":
    main()
