"""What model-signing, the reference of OpenSSF Model Signing, signed is verified here.

The vectors were made by benchmarks/model_signing_peer.py with model-signing 1.1.1, which also lets
it verify what we sign. What the specification itself asks is in test_specification.py.
"""

import shutil
from pathlib import Path

import pytest

from edge_runtime.contract import SIGNATURE
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.public_keys import read_keys
from edge_runtime.trust.verify import Trusted, verify_folder
from tests.edge_runtime.trust.conftest import FILES, small_folder
from tests.edge_runtime.trust.test_flips import accepted_flips

VECTORS = Path(__file__).with_name("vectors")
CURVES = ("prime256v1", "secp384r1", "secp521r1")


def signed_by_model_signing(path, curve):
    small_folder(path)
    shutil.copyfile(VECTORS / f"{curve}.sig", path / SIGNATURE)
    return path, Trusted(read_keys([VECTORS / f"{curve}.pub"]))


@pytest.mark.parametrize("curve", CURVES)
def test_what_model_signing_signed_is_verified(tmp_path, curve):
    folder, trusted = signed_by_model_signing(tmp_path / "m", curve)
    assert verify_folder(folder, trusted).digests.keys() == FILES.keys()
    (folder / "model.onnx").write_bytes(b"changed")
    with pytest.raises(BundleUntrustedError, match=r"model\.onnx isn't what was signed"):
        verify_folder(folder, trusted)


def test_every_flip_of_a_byte_of_its_signature_is_refused(tmp_path):
    folder, trusted = signed_by_model_signing(tmp_path / "m", "prime256v1")
    assert accepted_flips(folder, SIGNATURE, trusted, flips=(1, 32)) == []


def test_a_key_of_another_curve_is_refused(tmp_path):
    folder, _ = signed_by_model_signing(tmp_path / "m", "prime256v1")
    with pytest.raises(BundleUntrustedError, match="trusted is"):
        verify_folder(folder, Trusted(read_keys([VECTORS / "secp384r1.pub"])))
