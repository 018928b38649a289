"""No byte of what is signed, nor of its signature, can be another."""

import pytest

from edge_runtime.contract import SIGNATURE
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.sign import sign_folder
from edge_runtime.trust.verify import verify_folder
from tests.edge_runtime.trust.conftest import FILES, signer, small_folder

BITS = tuple(1 << bit for bit in range(8))


def accepted_flips(folder, file, trusted, flips=BITS):
    """Flip every byte of a file, each in several ways, and list the flips that are accepted."""
    path, accepted = folder / file, []
    whole = path.read_bytes()
    for at, byte in enumerate(whole):
        for flip in flips:
            path.write_bytes(whole[:at] + bytes([byte ^ flip]) + whole[at + 1 :])
            try:
                verify_folder(folder, trusted)
            except BundleUntrustedError:
                continue
            accepted.append((at, flip))
    path.write_bytes(whole)
    verify_folder(folder, trusted)
    return accepted


@pytest.mark.parametrize("file", [name for name, content in FILES.items() if content])
def test_every_flip_of_a_bit_of_a_signed_file_is_refused(folder, key, file):
    assert accepted_flips(folder, file, key.trusted) == []


def test_every_flip_of_a_bit_of_the_signature_is_refused(folder, key):
    assert accepted_flips(folder, SIGNATURE, key.trusted) == []


def test_every_flip_of_a_byte_of_a_signature_of_ed25519_is_refused(tmp_path):
    by = signer(tmp_path / "key", "Ed25519")
    folder = small_folder(tmp_path / "small")
    sign_folder(folder, by.private)
    assert accepted_flips(folder, SIGNATURE, by.trusted, flips=(1, 32)) == []


def test_every_shorter_signature_is_refused(folder, key):
    path = folder / SIGNATURE
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(BundleUntrustedError):
            verify_folder(folder, key.trusted)


def test_a_folder_that_is_as_it_was_is_accepted_so_that_the_flips_mean_something(folder, key):
    sealed = verify_folder(folder, key.trusted)
    assert sealed.digests.keys() == FILES.keys()
    assert {name: sealed.read(name) for name in FILES} == FILES
