"""Where the bytes of a bundle come from: its files, or what somebody vouched for."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from msgspec.structs import replace

from edge_runtime.contract import DEFAULT_IDENTITY, MANIFEST

if TYPE_CHECKING:
    from edge_runtime.trust.sealed import Sealed
    from edge_runtime.trust.verify import Trusted

_PROGRAM = "this version of fundus-edge"


def open_file(path: Path, name: str, sealed: "Sealed | None") -> BinaryIO:
    """Open a file of a bundle: the very bytes that were vouched for, where somebody was asked.

    Args:
        path: The bundle's folder.
        name: The file's name.
        sealed: Who vouched for it; None where nobody was asked.

    Raises:
        OSError: It can't be read.
        BundleUntrustedError: It was changed since somebody vouched for it.
    """
    return (path / name).open("rb") if sealed is None else io.BytesIO(sealed.read(name))


def seal(path: Path, identity: str, trusted: "Trusted") -> "Sealed | None":
    """Check the signatures over a bundle's manifest as it was read, and over all else.

    The one in the package needs none, but those that it has count as those of any other. One that
    was revoked is refused, the one in the package too.

    Args:
        path: The bundle's folder.
        identity: The SHA-256 of the manifest as it was read.
        trusted: Whom to believe.

    Returns:
        None for the bundle in the package where nobody signed it: its manifest, which the program
        knows, vouches for its files.

    Raises:
        BundleUntrustedError: It was revoked, or nobody who is trusted signed it as it is.
    """
    from edge_runtime.trust.errors import BundleUntrustedError  # noqa: PLC0415 - few ask for it
    from edge_runtime.trust.verify import signature_files, verify_folder  # noqa: PLC0415

    if trusted.standing and identity in trusted.standing.revoked:
        cause = f"it was revoked (its identity is {identity[:12]}...); get another release"
        raise BundleUntrustedError(path, cause)
    is_shipped = identity == DEFAULT_IDENTITY
    if is_shipped and trusted.takes_shipped and not signature_files(path):
        return None
    sealed = verify_folder(path, trusted)
    if sealed.digests.get(MANIFEST) != identity:
        raise BundleUntrustedError(path, f"{MANIFEST} was changed while it was checked; try again")
    return replace(sealed, by=f"{sealed.by} and {_PROGRAM}") if is_shipped else sealed


def by_name(
    path: Path,
    name: str,
    digests: Mapping[str, str],
    sealed: "Sealed | None",
    trusted: "Trusted",
) -> "Sealed":
    """Check the age of a bundle by its name.

    The one in the package has no release number where nobody signed it, and so comes before all
    that have one, and before itself where it ran signed with a last day.

    Args:
        path: The bundle's folder.
        name: As its manifest has it, which somebody vouched for.
        digests: The SHA-256 of its files likewise.
        sealed: From ``seal``.
        trusted: With what the device remembers.

    Raises:
        BundleUntrustedError: It is older than what was run under its name, or has expired.
        StoreInvalidError: What the device remembers can't be read.
    """
    from datetime import datetime, timezone  # noqa: PLC0415 - few ask for it

    from edge_runtime.trust.limited import check_unsigned  # noqa: PLC0415
    from edge_runtime.trust.releases import check_release, highest_releases  # noqa: PLC0415
    from edge_runtime.trust.sealed import Asked, Sealed  # noqa: PLC0415

    is_shipped, sealed = sealed is None, sealed or Sealed(path, digests, _PROGRAM)
    keys = tuple(key.hint for key in trusted.keys)
    if trusted.memory is None:
        return replace(sealed, asked=Asked(keys, trusted.threshold))
    today = datetime.now(timezone.utc).date()
    caution = check_release(path, name, sealed.release, trusted.memory, today=today)
    is_back = sealed.release.number < highest_releases(trusted.memory.file).get(name, 0)
    if is_shipped and (unsigned := check_unsigned(path, DEFAULT_IDENTITY, trusted.memory)):
        caution, is_back = "; ".join(filter(None, (caution, unsigned))), True
    asked = Asked(keys, trusted.threshold, trusted.memory.allow_rollback, is_back)
    return replace(sealed, caution=caution, asked=asked)
