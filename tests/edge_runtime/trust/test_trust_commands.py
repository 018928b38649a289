"""keygen, sign and verify, and --trust where models are run, as people type them."""

import json
import shutil
import sys

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.contract import DISCLAIMER, MANIFEST, SIGNATURE


def run(*arguments, typed="", env=None):
    ran = CliRunner().invoke(main, [*map(str, arguments)], input=typed, env=env)
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran


def refused(ran, match):
    assert ran.exit_code == 1
    assert match in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1
    assert ran.stderr.startswith("Error: ")


def test_a_bundle_is_signed_and_verified(bundle, tmp_path, photo_file):
    made = run("keygen", tmp_path / "clinic", typed="four words to remember\n" * 2)
    number = made.stdout.split()[-1]
    assert len(number) == 64
    signed = run("sign", bundle, "--key", tmp_path / "clinic", typed="four words to remember\n")
    assert signed.exit_code == 0, signed.output
    assert number[:16] in signed.stdout
    assert DISCLAIMER in signed.stderr
    found = run("verify", bundle, "--public-key", tmp_path / "clinic.pub")
    assert found.exit_code == 0, found.output
    assert f"by the key {number[:16]} (clinic.pub)" in found.stdout
    assert DISCLAIMER in found.stderr
    told = json.loads(run("verify", bundle, "--public-key", tmp_path, "--json").stdout)
    assert told["signed_by"] == f"the key {number[:16]} (clinic.pub)"
    assert told["disclaimer"] == DISCLAIMER
    options = ("--bundle", bundle, "--trust", tmp_path / "clinic.pub")
    predicted = run("predict", photo_file, *options)
    assert predicted.exit_code == 0, predicted.output


def test_what_is_signed_says_what_its_results_are_for(bundle, key):
    import base64

    assert run("sign", bundle, "--key", key.secret).exit_code == 0
    payload = json.loads((bundle / SIGNATURE).read_bytes())["dsseEnvelope"]["payload"]
    assert DISCLAIMER in base64.b64decode(payload).decode()


@pytest.mark.parametrize("typed", ["four words typed\nother words typed\n", "\n", "x\nx\n"])
def test_no_key_is_made_by_a_slip_of_the_finger(tmp_path, typed):
    ran = run("keygen", tmp_path / "k", typed=typed)
    assert ran.exit_code == 1
    assert not list(tmp_path.iterdir())


def test_a_key_without_a_passphrase_is_made_only_when_asked_for_and_said(tmp_path):
    ran = run("keygen", tmp_path / "k", "--no-passphrase", "--kind", "ed25519")
    assert ran.exit_code == 0
    assert "whoever can read it can sign" in ran.stderr


def test_a_wrong_passphrase_signs_nothing(bundle, tmp_path):
    run("keygen", tmp_path / "k", typed="right of both\nright of both\n")
    ran = run("sign", bundle, "--key", tmp_path / "k", typed="wrong\n")
    assert ran.exit_code == 1
    assert "the passphrase is wrong" in ran.stderr
    assert not (bundle / SIGNATURE).exists()


def test_a_signature_is_replaced_only_when_asked_for(bundle, key):
    run("sign", bundle, "--key", key.secret)
    before = (bundle / SIGNATURE).read_bytes()
    refused(run("sign", bundle, "--key", key.secret), "use --force to sign it anew")
    assert (bundle / SIGNATURE).read_bytes() == before
    assert run("sign", bundle, "--key", key.secret, "--force").exit_code == 0
    assert (bundle / SIGNATURE).read_bytes() != before


def test_a_bundle_that_is_damaged_is_not_signed(bundle, key):
    (bundle / "gradients.npz").write_bytes(b"x")
    refused(run("sign", bundle, "--key", key.secret), "gradients.npz")
    assert not (bundle / SIGNATURE).exists()


def test_verify_refuses_what_isnt_signed_in_one_sentence(bundle, key):
    refused(run("verify", bundle, "--public-key", key.public), "it has no signature (model.sig)")


@pytest.mark.parametrize("command", ["predict", "benchmark", "station"])
def test_no_command_runs_a_bundle_that_isnt_trusted(bundle, key, photo_file, tmp_path, command):
    (tmp_path / "inbox").mkdir()
    arguments = {
        "predict": (photo_file,), "benchmark": ("--seconds", "0.1"),
        "station": ("--inbox", tmp_path / "inbox"),
    }  # fmt: skip
    for options, env in (
        (("--trust", key.public), None),
        ((), {"FUNDUS_EDGE_TRUST": str(key.public)}),
    ):
        ran = run(command, *arguments[command], "--bundle", bundle, *options, env=env)
        refused(ran, "it has no signature (model.sig)")


@pytest.mark.parametrize("command", ["keygen", "sign", "verify", "predict"])
def test_a_device_without_the_extra_is_told_what_to_install(
    bundle, key, photo_file, tmp_path, monkeypatch, command
):
    run("sign", bundle, "--key", key.secret)
    for module in [each for each in sys.modules if each.partition(".")[0] == "cryptography"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "cryptography", None)
    arguments = {
        "keygen": (tmp_path / "k", "--no-passphrase"),
        "sign": (bundle, "--key", key.secret, "--force"),
        "verify": (bundle, "--public-key", key.public),
        "predict": (photo_file, "--bundle", bundle, "--trust", key.public),
    }[command]
    refused(run(command, *arguments), 'pip install -c constraints.txt ".[trust]"')


def test_an_empty_variable_trusts_as_if_there_were_none(bundle, photo_file):
    ran = run("predict", photo_file, "--bundle", bundle, env={"FUNDUS_EDGE_TRUST": ""})
    assert ran.exit_code == 0


def test_a_trust_that_isnt_there_lets_nothing_run(photo_file, tmp_path):
    refused(run("predict", photo_file, "--trust", tmp_path / "gone"), "no such file")
    refused(run("predict", photo_file, "--trust", tmp_path), "no public key in this folder")


def test_validate_record_leaves_no_signature_that_isnt_true(bundle, key, tmp_path):
    """A bundle that is written anew has none: its files are those of the manifest alone."""
    from edge_runtime import load_bundle
    from edge_runtime.bundle.bundle import write_bundle

    run("sign", bundle, "--key", key.secret)
    copy = shutil.copytree(bundle, tmp_path / "copy")
    loaded = load_bundle(copy)
    files = {name: bundle / name for name in loaded.manifest.files}
    write_bundle(copy, loaded.manifest, files, force=True)
    assert {each.name for each in copy.iterdir()} == {MANIFEST, *files}
