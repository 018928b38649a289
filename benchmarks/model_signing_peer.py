"""Sign with ours and verify with model-signing, and the other way round.

model-signing is the reference of OpenSSF Model Signing; it brings some forty packages, so it has an
environment of its own:

python3.11 -m venv PEER && PEER/bin/pip install model-signing==1.1.1 pyopenssl
python benchmarks/model_signing_peer.py PEER/bin/model_signing [--vectors FOLDER]

With --vectors tests/edge_runtime/trust/vectors what it signed is kept there for the tests, which
then need no model-signing.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from edge_runtime.contract import SIGNATURE, SIGNATURES
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.private_keys import make_key, open_key, public_file, read_private_key
from edge_runtime.trust.public_keys import read_keys
from edge_runtime.trust.releases import Release
from edge_runtime.trust.sign import sign_folder
from edge_runtime.trust.verify import Trusted, verify_folder

_FILES = {"manifest.json": b'{"a": 1}\n', "model.onnx": bytes(range(64)), "more/empty": b""}


def main() -> None:
    """Print a line for each try, and end with 1 if one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", type=Path)
    parser.add_argument("--vectors", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        wrong = [
            *_ours(options.peer, Path(made)),
            *_theirs(options.peer, Path(made), options.vectors),
        ]
    print(f"{len(wrong)} wrong" if wrong else "both directions hold")
    sys.exit(bool(wrong))


def _ours(peer: Path, folder: Path) -> list[str]:
    """Sign with ours; the peer must accept, and refuse what was changed."""
    model, key = _model(folder / "ours"), folder / "ours.key"
    make_key(key, None)
    release = Release(3, "2026-11-28", "2099-12-31")
    sign_folder(model, open_key(key, read_private_key(key), None), release=release)
    whole = _peer_verifies(peer, model, public_file(key))
    second = folder / "second.key"
    make_key(second, None)
    sign_folder(model, open_key(second, read_private_key(second), None), release=release)
    wrong = []
    for name, by in ((SIGNATURES[0], key), (SIGNATURES[1], second)):
        beside = _peer_verifies(peer, model, public_file(by), name)
        wrong += [] if beside else [f"{name} of two"]
    print(f"two signatures, verified by model-signing: {'wrong' if wrong else 'each holds'}")
    (model / "model.onnx").write_bytes(b"changed")
    changed = _peer_verifies(peer, model, public_file(key))
    return [*wrong, *_said("ours, verified by model-signing", whole, changed)]


def _theirs(peer: Path, folder: Path, vectors: Path | None) -> list[str]:
    """Let the peer sign with a key of each curve; ours must accept, and refuse what was changed."""
    wrong = []
    for curve in ("prime256v1", "secp384r1", "secp521r1"):
        model, key = _model(folder / curve), folder / f"{curve}.key"
        _run("openssl", "ecparam", "-name", curve, "-genkey", "-noout", "-out", key)
        _run("openssl", "pkey", "-in", key, "-pubout", "-out", f"{key}.pub")
        signature = model / SIGNATURE
        _run(peer, "sign", "key", model, "--private_key", key, "--signature", signature)
        if vectors is not None:
            vectors.mkdir(exist_ok=True, parents=True)
            shutil.copyfile(signature, vectors / f"{curve}.sig")
            shutil.copyfile(f"{key}.pub", vectors / f"{curve}.pub")
        trusted = Trusted(read_keys([Path(f"{key}.pub")]))
        whole = _we_verify(model, trusted)
        (model / "model.onnx").write_bytes(b"changed")
        wrong += _said(f"model-signing's with {curve}", whole, _we_verify(model, trusted))
    return wrong


def _model(path: Path) -> Path:
    for name, content in _FILES.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def _run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, command)], check=True, capture_output=True, text=True)  # noqa: S603


def _peer_verifies(peer: Path, model: Path, key: Path, name: str = SIGNATURE) -> bool:
    try:
        _run(peer, "verify", "key", model, "--signature", model / name, "--public_key", key)
    except subprocess.CalledProcessError:
        return False
    return True


def _we_verify(model: Path, trusted: Trusted) -> bool:
    try:
        verify_folder(model, trusted)
    except BundleUntrustedError:
        return False
    return True


def _said(what: str, whole: bool, changed: bool) -> list[str]:
    print(f"{what}: whole {'accepted' if whole else 'REFUSED'}, "
          f"changed {'ACCEPTED' if changed else 'refused'}")  # fmt: skip
    return [] if whole and not changed else [what]


if __name__ == "__main__":
    main()
