"""A bundle's folder whose files were found to be what somebody vouched for."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from edge_runtime.contract import SIGNATURES
from edge_runtime.system.digest import sha256
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.releases import Release

_MOST_FILES, _DEEPEST = 4096, 16

_AGAIN = "get the bundle again from where it was made"


class Asked(Struct, frozen=True):
    """How a bundle was asked for: by the numbers of which keys, and how many of them.

    ``is_back`` says that it is older than one that ran on the device, and was taken all the same as
    that was allowed.
    """

    keys: tuple[str, ...]
    threshold: int
    may_go_back: bool = False
    is_back: bool = False


class Sealed(Struct, frozen=True):
    """What was vouched for: the SHA-256 of each file by its name in the folder, and by whom.

    ``release`` is what they said of its age, ``caution`` what to say of one that is taken all the
    same. ``signers`` are the keys as a person calls them, ``apart`` a clause about each signature
    that is there and doesn't count, ``asked`` how it was asked for; None where only signatures
    were.

    The folder may change after it was looked at, and a stick may give other bytes the second time.
    So what is used of it is what ``read`` gives.
    """

    path: Path
    digests: Mapping[str, str]
    by: str
    release: Release = Release()
    caution: str = ""
    signers: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    asked: Asked | None = None

    def read(self, name: str) -> bytes:
        """Read a file once, and check the bytes that were read.

        Raises:
            BundleUntrustedError: It can't be read, nobody vouched for it, or it was changed.
        """
        expected = self.digests.get(name)
        if expected is None:
            raise BundleUntrustedError(self.path, f"nothing vouches for its file {name}; {_AGAIN}")
        try:
            data = (self.path / name).read_bytes()
        except OSError as error:
            cause = (error.strerror or str(error)).lower()
            raise BundleUntrustedError(self.path, f"{name} can't be read: {cause}") from error
        if hashlib.sha256(data).hexdigest() != expected:
            raise BundleUntrustedError(self.path, f"{name} was changed since it was checked")
        return data


def digests_of(folder: Path, *, but: Sequence[str] = SIGNATURES) -> dict[str, str]:
    """Compute the SHA-256 of every file of a folder and of its subfolders, by their names.

    Args:
        folder: The folder.
        but: Names that aren't looked at, nor what lies in them.

    Raises:
        BundleUntrustedError: It can't be read, or has a link, a device or more files than a bundle.
    """
    with _told(folder):
        return {name: sha256(folder / name) for name in _walk(folder, frozenset(but))}


def check_files(
    folder: Path, signed: Mapping[str, str], *, but: Sequence[str] = SIGNATURES
) -> None:  # fmt: skip
    """Compare a folder's files with those that were signed: their names first, then each.

    So a folder that has others isn't read to its end, however large they are.

    Args:
        folder: The folder.
        signed: The SHA-256 of each file by its name.
        but: As of ``digests_of``.

    Raises:
        BundleUntrustedError: One is missing, added, renamed or changed, and the sentence names one;
            or as of ``digests_of``.
    """
    with _told(folder):
        found = frozenset(_walk(folder, frozenset(but)))
    for name in signed:
        if name not in found:
            raise BundleUntrustedError(folder, f"its file {name} is missing; {_AGAIN}")
    for name in sorted(found - signed.keys()):
        cause = f"its file {name} wasn't signed; take it out, or {_AGAIN}"
        raise BundleUntrustedError(folder, cause)
    with _told(folder):
        for name, digest in signed.items():
            if sha256(folder / name) != digest:
                cause = f"its file {name} isn't what was signed; {_AGAIN}"
                raise BundleUntrustedError(folder, cause)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Say in a sentence what of a folder the system can't read."""
    try:
        yield
    except OSError as error:
        name = Path(error.filename).name if error.filename else "its folder"
        cause = f"{name} can't be read: {(error.strerror or str(error)).lower()}"
        raise BundleUntrustedError(folder, cause) from error


def _walk(folder: Path, but: frozenset[str]) -> Iterator[str]:
    """Name every file, in any order, at most as many as a bundle may have."""
    seen, folders = 0, [("", 0)]
    while folders:
        above, depth = folders.pop()
        with os.scandir(folder / above) as entries:
            for entry in entries:
                name = f"{above}/{entry.name}" if above else entry.name
                seen += 1
                if seen > _MOST_FILES:
                    raise BundleUntrustedError(folder, f"it has more than {_MOST_FILES} files")
                if name in but:
                    continue
                if entry.is_symlink():
                    raise BundleUntrustedError(folder, f"{name} is a link, not a file; {_AGAIN}")
                if entry.is_dir():
                    if depth == _DEEPEST:
                        cause = f"it has folders in folders, more than {_DEEPEST} deep"
                        raise BundleUntrustedError(folder, cause)
                    folders.append((name, depth + 1))
                elif entry.is_file():
                    yield name
                else:
                    raise BundleUntrustedError(folder, f"{name} is no file; take it out")
