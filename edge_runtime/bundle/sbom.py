"""List what a device's program and a bundle consist of, for those who look for known flaws.

Source: CycloneDX 1.6 (ECMA-424, first edition), as its JSON schema has it.
"""

import platform
import re
import uuid
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from typing import Any

from edge_runtime.bundle.bundle import Bundle
from edge_runtime.contract import DISCLAIMER, MANIFEST

_PROGRAM = "fundus-edge"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LONGEST_LICENCE = 80  # some packages have the whole text where its name belongs


def bill_of_materials(bundle: Bundle, *, made: str) -> dict[str, Any]:
    """List all Python packages of this installation, Python itself, and a bundle's files.

    Args:
        bundle: What is run with it.
        made: When, as ISO 8601 with the offset from UTC.

    Returns:
        A CycloneDX 1.6 document, to be written as JSON. Its serial number follows from what it
        lists, so that the same installation and bundle have the same one.
    """
    found = {_normal(each.name): each for each in distributions() if each.name}
    program = found.pop(_PROGRAM, None)
    of_bundle = _of_bundle(bundle)
    root = _of_program(program)
    components = [
        {
            "type": "platform",
            "bom-ref": "python",
            "name": platform.python_implementation(),
            "version": platform.python_version(),
        },
        *(_of_package(found[name]) for name in sorted(found)),
        of_bundle,
    ]
    needed = [{"ref": root["bom-ref"], "dependsOn": _needs(program, found)}]
    needed += [
        {"ref": _reference(each), "dependsOn": _needs(each, found)}
        for _, each in sorted(found.items())
    ]
    listed = repr([root, components])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, listed)}",
        "version": 1,
        "metadata": {
            "timestamp": made,
            "component": root,
            "properties": [{"name": f"{_PROGRAM}:disclaimer", "value": DISCLAIMER}],
        },
        "components": components,
        "dependencies": needed,
    }


def _of_program(program: Distribution | None) -> dict[str, Any]:
    found = _of_package(program) if program else {"bom-ref": _PROGRAM, "name": _PROGRAM}
    return {**found, "type": "application"}


def _of_package(package: Distribution) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": _reference(package),
        "name": package.name,
        "version": package.version,
        "purl": _reference(package),
    }
    expression, text = package.metadata["License-Expression"], package.metadata["License"]
    if expression:
        found["licenses"] = [{"expression": expression}]
    elif text and len(text) <= _LONGEST_LICENCE and "\n" not in text:
        found["licenses"] = [{"license": {"name": text}}]
    return found


def _of_bundle(bundle: Bundle) -> dict[str, Any]:
    """Describe a bundle: its identity is the digest of its manifest, which has all others."""
    entries = bundle.manifest.files.items()
    files = [(MANIFEST, bundle.identity), *((name, entry.sha256) for name, entry in entries)]
    return {
        "type": "machine-learning-model",
        "bom-ref": f"bundle:{bundle.identity}",
        "name": bundle.manifest.name,
        "version": bundle.manifest.created or bundle.identity[:12],
        "hashes": _hashes(bundle.identity),
        "components": [
            {
                "type": "file",
                "bom-ref": f"bundle:{bundle.identity}/{name}",
                "name": name,
                "hashes": _hashes(digest),
            }
            for name, digest in files
        ],
    }


def _hashes(digest: str) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": digest}]


def _needs(package: Distribution | None, found: dict[str, Distribution]) -> list[str]:
    """Name what a package asks for, of what is installed; extras count if they are there."""
    asked = set(_asked(package)) if package else set()
    return sorted(_reference(found[name]) for name in asked & found.keys())


def _asked(package: Distribution) -> Iterator[str]:
    for line in package.requires or ():
        name = _NAME.match(line)
        if name:
            yield _normal(name[0])


def _reference(package: Distribution) -> str:
    """Name a package as a package URL."""
    return f"pkg:pypi/{_normal(package.name)}@{package.version}"


def _normal(name: str) -> str:
    """Write a package's name in its one form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
