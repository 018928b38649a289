"""Which bundles that are taken unsigned too ran here signed, with a last day.

Only the bundle in the package is such a one: the program vouches for it. Whoever removes a
signature that it was given would else make it run after the last day that this says.
"""

from pathlib import Path

from msgspec.structs import replace

from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.releases import MEMORY, Memory


def check_unsigned(folder: Path, identity: str, memory: Memory) -> str:
    """Refuse a bundle without a signature that ran here with one that had a last day.

    Args:
        folder: The bundle's, for the sentence.
        identity: The SHA-256 of its manifest.
        memory: What the device ran.

    Returns:
        What to say of it where it is taken all the same; "" otherwise.

    Raises:
        BundleUntrustedError: It ran here so.
        StoreInvalidError: What was remembered can't be read.
    """
    if identity not in MEMORY.recall(memory.file).limited:
        return ""
    gone = "it has no signature, and it ran here with one that had a last day"
    if memory.allow_rollback:
        return f"{gone}; it is taken because of --allow-rollback"
    raise BundleUntrustedError(
        folder,
        f"{gone}; name that one or the next release with --bundle, or take it with "
        "--allow-rollback if you mean it",
    )


def remember_limited(identity: str, memory: Memory) -> None:
    """Remember that a bundle that is taken unsigned too ran signed, with a last day.

    Raises:
        OutputFailedError: It can't be written.
        StoreInvalidError: What was remembered can't be read.
    """
    if identity not in MEMORY.recall(memory.file).limited:
        MEMORY.amend(
            memory.file,
            lambda known: replace(known, limited=tuple(sorted({*known.limited, identity}))),
        )
