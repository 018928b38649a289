"""Several keys must have signed a bundle, each counted once."""

import shutil

import pytest

from edge_runtime.contract import SIGNATURE, SIGNATURES
from edge_runtime.errors import OutputExistsError, OutputFailedError
from edge_runtime.trust.envelope import Envelope, write_envelope
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.private_keys import signature_of
from edge_runtime.trust.releases import Release
from edge_runtime.trust.sealed import digests_of
from edge_runtime.trust.sign import sign_folder
from edge_runtime.trust.statement import Statement, write_statement
from edge_runtime.trust.verify import Trusted, verify_folder
from tests.edge_runtime.trust.conftest import small_folder
from tests.edge_runtime.trust.test_flips import accepted_flips
from tests.edge_runtime.trust.test_trust_commands import refused, run

SECOND = SIGNATURES[1]


@pytest.fixture
def twice(folder, other):
    """A small folder that ``key`` and ``other`` signed."""
    sign_folder(folder, other.private)
    return folder


def of(*signers, threshold):
    return Trusted(tuple(each.trusted.keys[0] for each in signers), threshold=threshold)


def test_two_of_three_keys_are_enough(twice, key, other, third):
    found = verify_folder(twice, of(key, other, third, threshold=2))
    assert [each.split()[1] for each in found.signers] == ["(clinic.pub)", "(other.pub)"]
    assert found.by.startswith("the keys ")
    assert {each.name for each in twice.iterdir()} >= {SIGNATURE, SECOND}


@pytest.mark.parametrize("threshold", [2, 3])
def test_one_signature_fewer_than_asked_for_is_refused(twice, key, other, third, threshold):
    last = twice / SIGNATURES[threshold - 1]
    if threshold == 3:
        sign_folder(twice, third.private)
    verify_folder(twice, of(key, other, third, threshold=threshold))
    last.unlink()
    cause = f"{threshold} of the trusted keys must have signed it, and {threshold - 1} did"
    with pytest.raises(BundleUntrustedError, match=cause):
        verify_folder(twice, of(key, other, third, threshold=threshold))


def test_a_key_that_signed_twice_counts_once(folder, key, other):
    trusted = of(key, other, threshold=2)
    shutil.copyfile(folder / SIGNATURE, folder / SECOND)
    with pytest.raises(BundleUntrustedError, match="and 1 did"):
        verify_folder(folder, trusted)
    payload = write_statement("again", Statement(digests_of(folder)))
    again = Envelope(payload, signature_of(key.private, payload), key.trusted.keys[0].hint)
    for at in SIGNATURES[1:]:
        (folder / at).write_bytes(write_envelope(again))
    with pytest.raises(BundleUntrustedError, match="and 1 did"):
        verify_folder(folder, trusted)


def test_a_key_that_lies_in_two_files_is_one_key(twice, key, tmp_path):
    for name in ("a.pub", "b.pub"):
        shutil.copyfile(key.public, tmp_path / name)
    ran = run("verify", twice, "--public-key", tmp_path, "--trust-threshold", "2")
    assert ran.exit_code == 2
    assert "2 keys must have signed, and 1 are trusted" in ran.stderr


def test_signatures_that_say_different_ages_dont_count_together(folder, key, other):
    sign_folder(folder, key.private, release=Release(2), replace=True)
    newer = (folder / SIGNATURE).read_bytes()
    sign_folder(folder, other.private, release=Release(1), replace=True)
    (folder / SECOND).write_bytes(newer)
    with pytest.raises(BundleUntrustedError, match="say different releases"):
        verify_folder(folder, of(key, other, threshold=2))
    assert verify_folder(folder, of(key, other, threshold=1)).release.number == 2


def test_a_later_day_that_one_of_two_made_up_isnt_believed(folder, key, other):
    """Or one thief of a key could end every bundle that has a last day."""
    sign_folder(folder, key.private, release=Release(1, "2026-11-28"), replace=True)
    sign_folder(folder, other.private, release=Release(1, "9999-12-31"))
    assert verify_folder(folder, of(key, other, threshold=2)).release.signed == "2026-11-28"


def test_a_signature_of_a_stranger_does_neither_good_nor_harm(twice, key, other, third):
    assert len(verify_folder(twice, key.trusted).apart) == 1
    with pytest.raises(BundleUntrustedError, match="and 1 did; it was signed by the key"):
        verify_folder(twice, of(key, third, threshold=2))
    (twice / SIGNATURE).unlink()
    with pytest.raises(BundleUntrustedError, match="it was signed by the key"):
        verify_folder(twice, key.trusted)


@pytest.mark.parametrize("file", [SIGNATURE, SECOND])
@pytest.mark.parametrize("threshold", [1, 2])
def test_no_byte_of_one_of_two_signatures_can_be_another(twice, key, other, file, threshold):
    trusted = of(key, other, threshold=threshold)
    assert accepted_flips(twice, file, trusted, flips=(1,)) == []


def test_signatures_of_another_bundle_count_for_nothing(twice, tmp_path, key, other):
    apart = small_folder(tmp_path / "apart")
    (apart / "model.onnx").write_bytes(b"another")
    sign_folder(apart, key.private)
    shutil.copyfile(apart / SIGNATURE, twice / SIGNATURE)
    with pytest.raises(BundleUntrustedError, match=r"model\.onnx isn't what was signed"):
        verify_folder(twice, of(key, other, threshold=2))


def test_a_folder_where_a_signature_stands_hides_nothing(folder, key):
    (folder / SECOND).mkdir()
    (folder / SECOND / "more.onnx").write_bytes(b"x")
    with pytest.raises(BundleUntrustedError, match="is no file"):
        verify_folder(folder, key.trusted)


def test_a_signature_of_the_older_form_gets_another_beside_it(folder, key, other):
    """Which leaves out itself alone, as those of other programs do."""
    digests = digests_of(folder)
    payload = write_statement("small", Statement(digests, ignored=(SIGNATURE,)))
    old = Envelope(payload, signature_of(key.private, payload), key.trusted.keys[0].hint)
    (folder / SIGNATURE).write_bytes(write_envelope(old))
    verify_folder(folder, key.trusted)
    sign_folder(folder, other.private)
    assert len(verify_folder(folder, of(key, other, threshold=2)).signers) == 2


def test_what_could_never_count_together_isnt_signed(twice, key, other, third):
    with pytest.raises(OutputExistsError, match="this key signed the bundle"):
        sign_folder(twice, other.private)
    with pytest.raises(OutputExistsError, match="says no release number and no last day, so this"):
        sign_folder(twice, third.private, release=Release(1))
    (twice / "model.onnx").write_bytes(b"changed")
    with pytest.raises(OutputExistsError, match="signs other files than are there"):
        sign_folder(twice, third.private)
    sign_folder(twice, third.private, replace=True)
    assert not (twice / SECOND).exists()
    verify_folder(twice, third.trusted)


def test_a_disk_that_takes_no_new_signature_takes_none_away(twice, third, monkeypatch):
    kept = {name: (twice / name).read_bytes() for name in (SIGNATURE, SECOND)}

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("edge_runtime.trust.sign.write_file", full)
    with pytest.raises(OutputFailedError, match="no space left"):
        sign_folder(twice, third.private, replace=True)
    assert {name: (twice / name).read_bytes() for name in kept} == kept


def test_two_people_sign_a_bundle_and_a_device_asks_for_both(
    bundle, key, other, photo_file, tmp_path
):
    """As they type it: the second says nothing of the release, and the same is signed."""
    keys = tmp_path / "keys"
    keys.mkdir()
    for each in (key, other):
        shutil.copyfile(each.public, keys / each.public.name)
    env = {"FUNDUS_EDGE_TRUST": str(keys), "FUNDUS_EDGE_TRUST_THRESHOLD": "2"}
    assert run("sign", bundle, "--key", key.secret, "--release", "3").exit_code == 0
    refused(run("predict", photo_file, "--bundle", bundle, env=env), "2 of the trusted keys must")
    asked = run("verify", bundle, "--public-key", keys, env=env)
    refused(asked, "2 of the trusted keys must")  # as predict on this computer
    assert run("verify", bundle, "--public-key", keys).exit_code == 0
    signed = run("sign", bundle, "--key", other.secret)
    assert "release 3 and no last day, beside 1 signature(s) of others" in signed.stdout
    found = run("verify", bundle, "--public-key", keys, "--trust-threshold", "2")
    assert "(clinic.pub) and " in found.stdout
    assert run("verify", bundle, "--public-key", keys, env=env).exit_code == 0
    assert "release 3" in found.stdout
    assert run("predict", photo_file, "--bundle", bundle, env=env).exit_code == 0
    ran = run("predict", photo_file, "--trust-threshold", "2")
    assert "--trust-threshold needs --trust" in ran.stderr
