"""Read and write a bundle: a folder whose manifest vouches for every file in it."""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from edge_runtime.bundle.class_gradients import read_class_gradients
from edge_runtime.bundle.content import by_name, seal
from edge_runtime.bundle.familiarity import Familiarity, read_familiarity
from edge_runtime.bundle.manifest import (
    FileEntry,
    Manifest,
    ModelEntry,
    check_file_name,
    parse_manifest,
)
from edge_runtime.contract import DEFAULT_BUNDLE, MANIFEST, SIGNATURES
from edge_runtime.errors import (
    BundleIdentityError,
    BundleInvalidError,
    BundleNotFoundError,
    OutputExistsError,
    UnknownNameError,
)
from edge_runtime.system.digest import sha256
from edge_runtime.system.folders import check_writable, new_folder

if TYPE_CHECKING:
    from edge_runtime.trust.sealed import Sealed
    from edge_runtime.trust.verify import Trusted

#: The file of the class gradients: ``class_gradients`` float32 (C, K), ``classes`` (C,) text.
GRADIENTS = "gradients.npz"

#: The least hexadecimal digits that a bundle is expected by; the report shows as many.
SHORTEST_IDENTITY = 12

_LARGEST_MANIFEST = 1 << 24  # bytes; one with many models and metrics has some 10,000


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files were found to be what its manifest says.

    ``identity`` is the SHA-256 of the manifest, and so of everything in the bundle.
    ``class_gradients`` is float32 (C, K), logit per activation and position. ``familiarity`` is
    None where it has none. ``sealed`` is who vouched for it, None where nobody was asked.
    """

    path: Path
    manifest: Manifest
    identity: str
    class_gradients: npt.NDArray[np.float32]
    familiarity: Familiarity | None = None
    sealed: "Sealed | None" = None

    def model(self, name: str | None = None) -> tuple[str, ModelEntry, Path]:
        """Look up a model.

        Args:
            name: Its name in the manifest or its file's name, or None for the default model.

        Returns:
            Its name, its entry and its file.

        Raises:
            UnknownNameError: The bundle has no such model.
        """
        models = self.manifest.models
        wanted = self.manifest.default_model if name is None else name
        of_file = (other for other, entry in models.items() if entry.file == wanted)
        found = wanted if wanted in models else next(of_file, None)
        if found is None:
            raise UnknownNameError("model", wanted, tuple(models))
        return found, models[found], self.path / models[found].file


def load_bundle(
    path: Path | str | None = None,
    *,
    expected_identity: str | None = None,
    trusted: "Trusted | None" = None,
) -> Bundle:
    """Read a bundle and check all of it, before a model loader sees any of it.

    Args:
        path: The bundle's folder; None for the default bundle.
        expected_identity: Its ``identity`` or the beginning of it, ``SHORTEST_IDENTITY`` digits at
            least; None takes any.
        trusted: Whose signature it must have, unless it is the one that the package ships; None
            asks for none.

    Raises:
        BundleNotFoundError: There is no manifest at ``path``.
        BundleUntrustedError: Nobody who is trusted signed it as it is; nothing of it was parsed.
        BundleIdentityError: It is another bundle than expected; nothing else of it was looked at.
        BundleInvalidError: The manifest is malformed, newer or at odds with itself, or a file is
            missing, changed, truncated or not listed; the sentence names the file and the cause.
    """
    path = DEFAULT_BUNDLE if path is None else Path(path)
    try:
        return _read(path, expected_identity, trusted)
    except BundleNotFoundError:
        raise
    except OSError as error:
        file = Path(error.filename).name if error.filename else MANIFEST
        cause = (error.strerror or str(error)).lower()
        raise BundleInvalidError(path, file, f"can't be read: {cause}") from error


def _read(path: Path, expected: str | None, trusted: "Trusted | None") -> Bundle:
    data = _manifest_bytes(path)
    identity = hashlib.sha256(data).hexdigest()
    if expected is not None and not is_identity(identity, expected):
        raise BundleIdentityError(path, identity, expected)
    sealed = None if trusted is None else seal(path, identity, trusted)
    try:
        manifest = parse_manifest(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BundleInvalidError(path, MANIFEST, "is not UTF-8 text") from error
    except ValueError as error:
        raise BundleInvalidError(path, MANIFEST, str(error)) from error
    if trusted is not None:
        digests = {name: entry.sha256 for name, entry in manifest.files.items()}
        sealed = by_name(path, manifest.name, digests, sealed, trusted)
    _check_files(path, manifest)
    gradients = read_class_gradients(path, manifest, sealed)
    familiarity = None
    if manifest.familiarity:
        features = manifest.feature_shape[2]
        familiarity = read_familiarity(
            path, manifest.familiarity.file, features=features, sealed=sealed
        )
    return Bundle(path, manifest, identity, gradients, familiarity, sealed)


def _manifest_bytes(path: Path) -> bytes:
    if (path / MANIFEST).is_symlink():
        raise BundleInvalidError(path, MANIFEST, "is a link, not a file")
    if not (path / MANIFEST).is_file():
        raise BundleNotFoundError(path)
    with (path / MANIFEST).open("rb") as file:
        data = file.read(_LARGEST_MANIFEST + 1)
    if len(data) > _LARGEST_MANIFEST:
        raise BundleInvalidError(path, MANIFEST, f"has more than {_LARGEST_MANIFEST} bytes")
    return data


def is_identity(identity: str, expected: str) -> bool:
    """Say whether an identity is the one expected, or begins with enough of it."""
    return len(expected) >= SHORTEST_IDENTITY and identity.startswith(expected.lower())


def check_target(path: Path, *, force: bool) -> None:
    """Check that a bundle may be written, before the work that it takes to make one.

    Args:
        path: Where it shall stand.
        force: Whether a bundle that stands there may be replaced. Anything else never is.

    Raises:
        OutputExistsError: Something stands there, and it may not be replaced.
        OutputFailedError: It can't be written there.
    """
    check_writable(path)
    if path.exists() and not (force and (path / MANIFEST).is_file()):
        remedy = "it is no bundle, so it isn't replaced" if force else "use --force to replace it"
        raise OutputExistsError(path, remedy)


def write_bundle(
    path: Path, manifest: Manifest, files: Mapping[str, bytes | Path], *, force: bool = False
) -> None:
    """Write a bundle atomically: a temporary sibling, the manifest last, then a rename.

    Args:
        path: The folder to make.
        manifest: What to write; its ``files`` are filled in here.
        files: Content, or a file to copy, by name in the bundle.
        force: Replace a bundle that stands at ``path``. Anything else is never replaced.

    Raises:
        OutputExistsError: Something stands at ``path``, and it may not be replaced.
        OutputFailedError: It can't be written there.
        BundleInvalidError: A file's name leads out of the bundle, or what was written isn't a
            valid bundle; nothing is left of it.
    """
    check_target(path, force=force)
    try:
        for name in files:
            check_file_name(name)
    except ValueError as error:
        raise BundleInvalidError(path, MANIFEST, str(error)) from error
    with new_folder(path, replace=force) as partial:
        entries = {}
        for name, content in files.items():
            if isinstance(content, Path):
                shutil.copyfile(content, partial / name)
            else:
                (partial / name).write_bytes(content)
            entries[name] = FileEntry(sha256(partial / name), (partial / name).stat().st_size)
        (partial / MANIFEST).write_text(replace(manifest, files=entries).to_json(), "utf-8")
        load_bundle(partial)


def _check_files(path: Path, manifest: Manifest) -> None:
    found = {entry.name for entry in path.iterdir()} - {MANIFEST, *SIGNATURES}
    for name in sorted(found - set(manifest.files)):
        raise BundleInvalidError(path, name, "is not listed in the manifest; remove it")
    for name, expected in manifest.files.items():
        file = path / name
        if file.is_symlink():
            raise BundleInvalidError(path, name, "is a link, not a file")
        if not file.is_file():
            raise BundleInvalidError(path, name, "is missing")
        size = file.stat().st_size
        if size != expected.size_bytes:
            kind = "truncated" if size < expected.size_bytes else "changed"
            cause = f"is {kind}: {size} bytes, not {expected.size_bytes}"
            raise BundleInvalidError(path, name, cause)
        if sha256(file) != expected.sha256:
            raise BundleInvalidError(path, name, "is changed: its SHA-256 isn't the manifest's")
