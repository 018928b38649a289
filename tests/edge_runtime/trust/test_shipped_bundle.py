"""The bundle in the package needs no signature, and one that it has counts like any other."""

import json
import shutil

import pytest

from edge_runtime import load_bundle
from edge_runtime.contract import DEFAULT_BUNDLE, SIGNATURE, SIGNATURES
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.releases import Memory, Release, remember_release
from edge_runtime.trust.sign import sign_folder
from edge_runtime.trust.verify import Trusted
from tests.edge_runtime.trust.test_releases import TODAY
from tests.edge_runtime.trust.test_trust_commands import refused, run

NAME = json.loads((DEFAULT_BUNDLE / "manifest.json").read_text())["name"]


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(DEFAULT_BUNDLE, tmp_path / "copy")


def test_a_signature_that_it_has_is_named_beside_the_program(copy, key):
    sign_folder(copy, key.private, release=Release(3, "2026-11-28"))
    sealed = load_bundle(copy, trusted=key.trusted).sealed
    assert sealed.by == f"the key {key.trusted.keys[0].called} and this version of fundus-edge"
    assert sealed.release.number == 3


def test_a_signature_of_nobody_who_is_trusted_is_refused(copy, key, other):
    sign_folder(copy, other.private)
    with pytest.raises(BundleUntrustedError, match="it was signed by the key"):
        load_bundle(copy, trusted=key.trusted)


def test_fewer_signatures_than_asked_for_are_refused(copy, key, other, third):
    keys = tuple(each.trusted.keys[0] for each in (key, other, third))
    sign_folder(copy, key.private)
    with pytest.raises(BundleUntrustedError, match="3 of the trusted keys must have signed it"):
        load_bundle(copy, trusted=Trusted(keys, threshold=3))


def test_a_damaged_signature_and_one_that_is_a_link_are_refused(copy, key, tmp_path):
    sign_folder(copy, key.private)
    (copy / SIGNATURES[1]).symlink_to(copy / SIGNATURE)
    with pytest.raises(BundleUntrustedError, match=r"model\.sig\.2 is a link"):
        load_bundle(copy, trusted=key.trusted)
    (copy / SIGNATURES[1]).unlink()
    (copy / SIGNATURE).write_bytes(b"x")
    with pytest.raises(BundleUntrustedError, match=r"its signature model\.sig "):
        load_bundle(copy, trusted=key.trusted)


def test_it_isnt_run_after_its_last_day(copy, key, tmp_path):
    sign_folder(copy, key.private, release=Release(1, "2020-01-01", "2020-02-02"))
    trusted = Trusted(key.trusted.keys, Memory(tmp_path / "releases.json"))
    with pytest.raises(BundleUntrustedError, match="it was to be run until 2020-02-02"):
        load_bundle(copy, trusted=trusted)


def test_verify_asks_it_for_a_signature_too(copy, key, other):
    refused(run("verify", copy, "--public-key", key.public), "it has no signature (model.sig)")
    assert run("sign", copy, "--key", key.secret).exit_code == 0
    found = run("verify", copy, "--public-key", key.public)
    assert f"by the key {key.trusted.keys[0].called} and this version" in found.stdout
    refused(run("verify", copy, "--public-key", other.public), "it was signed by the key")


def test_info_says_who_signed_it_and_whether_that_was_checked(copy, key):
    run("sign", copy, "--key", key.secret, "--release", "3")
    told = json.loads(run("info", copy, "--json").stdout)["signed"]
    assert "not checked" in told[0]
    assert told[1] == "it is the one that comes with this version of fundus-edge"
    (told,) = json.loads(run("info", copy, "--trust", key.public, "--json").stdout)["signed"]
    assert told.startswith(f"by the key {key.trusted.keys[0].called} and this version")
    assert ", release 3, " in told
    assert told.endswith("; checked")
    (copy / SIGNATURE).unlink()
    (told,) = json.loads(run("info", copy, "--trust", key.public, "--json").stdout)["signed"]
    assert told.startswith("by nobody: it is the one that comes with")


def test_it_comes_before_all_releases_of_its_name_that_ran(copy, key, tmp_path):
    memory = Memory(tmp_path / "releases.json")
    trusted = Trusted(key.trusted.keys, memory)
    assert load_bundle(copy, trusted=trusted).sealed.by == "this version of fundus-edge"
    remember_release(NAME, Release(2), memory, today=TODAY)
    cause = f"it has no release number, and this device ran release 2 of '{NAME}'"
    for path in (None, copy):
        with pytest.raises(BundleUntrustedError, match=cause):
            load_bundle(path, trusted=trusted)
    back = Trusted(key.trusted.keys, Memory(memory.file, allow_rollback=True))
    assert "because of --allow-rollback" in load_bundle(copy, trusted=back).sealed.caution
    sign_folder(copy, key.private, release=Release(1))
    with pytest.raises(BundleUntrustedError, match="its release is 1, and"):
        load_bundle(copy, trusted=trusted)
    sign_folder(copy, key.private, release=Release(2), replace=True)
    assert load_bundle(copy, trusted=trusted).sealed.caution == ""


def test_predict_says_which_of_both_vouches_for_it(copy, key, photo_file):
    predict = ("predict", photo_file, "--trust", key.public)
    assert "by this version of fundus-edge; no key signed it." in run(*predict).stderr
    run("sign", copy, "--key", key.secret)
    told = run(*predict, "--bundle", copy).stderr
    assert f"by the key {key.trusted.keys[0].called} and this version of fundus-edge." in told


def test_taking_a_signature_with_a_last_day_away_does_not_make_it_run_again(
    copy, key, photo_file, tmp_path
):
    states = {"XDG_STATE_HOME": str(tmp_path / "states")}
    predict = ("predict", photo_file, "--trust", key.public)
    signed = ("sign", copy, "--key", key.secret, "--force", "--expires")
    assert run(*predict, env=states).exit_code == 0  # nobody signed it
    assert run(*signed, "9999-01-01").exit_code == 0
    assert run(*predict, "--bundle", copy, env=states).exit_code == 0
    assert run(*predict, "--bundle", copy, env=states).exit_code == 0  # as often as one likes
    (copy / SIGNATURE).unlink()
    cause = "it has no signature, and it ran here with one that had a last day; name that one"
    for options in (("--bundle", copy), ()):
        refused(run(*predict, *options, env=states), cause)
    log = ("--log", tmp_path / "log", "--out", tmp_path / "results")
    back = run(*predict, "--bundle", copy, "--allow-rollback", *log, env=states)
    assert back.exit_code == 0
    assert "it ran here with one that had a last day; it is taken because of" in back.stderr
    assert "a bundle was taken that is older" in run("log", "verify", tmp_path / "log").stderr
    assert run(*signed, "9999-01-02").exit_code == 0
    assert run(*predict, "--bundle", copy, env=states).exit_code == 0


def test_a_signature_without_a_last_day_shuts_nothing_out(copy, key, photo_file, tmp_path):
    states = {"XDG_STATE_HOME": str(tmp_path / "states")}
    predict = ("predict", photo_file, "--trust", key.public)
    run("sign", copy, "--key", key.secret)
    assert run(*predict, "--bundle", copy, env=states).exit_code == 0
    assert run(*predict, env=states).exit_code == 0


def test_with_a_threshold_of_two_neither_one_signature_nor_both_can_be_taken_away(
    copy, key, other, photo_file, tmp_path
):
    states = {"XDG_STATE_HOME": str(tmp_path / "states")}
    both = ("--trust", key.public, "--trust", other.public, "--trust-threshold", "2")
    predict = ("predict", photo_file, "--bundle", copy, *both)
    for each in (key, other):
        ran = run("sign", copy, "--key", each.secret, "--expires", "9999-01-01")
        assert ran.exit_code == 0, ran.output
    assert run(*predict, env=states).exit_code == 0
    (copy / SIGNATURES[1]).unlink()
    refused(run(*predict, env=states), "2 of the trusted keys must have signed it, and 1 did")
    (copy / SIGNATURE).rename(copy / SIGNATURES[1])
    refused(run(*predict, env=states), "2 of the trusted keys must have signed it, and 1 did")
    (copy / SIGNATURES[1]).unlink()
    refused(run(*predict, env=states), "it has no signature, and it ran here with one")
