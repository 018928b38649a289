"""info shows who made a bundle of what, and writes what all of it consists of."""

import json
import platform
from importlib.metadata import version

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from edge_runtime import load_bundle
from edge_runtime.bundle.attestations import ATTESTATIONS
from edge_runtime.bundle.bundle import write_bundle
from edge_runtime.contract import DEFAULT_IDENTITY, DISCLAIMER, SIGNATURE
from tests.edge_runtime.trust.conftest import key, other  # noqa: F401 - fixtures
from tests.edge_runtime.trust.test_trust_commands import refused, run


@pytest.fixture(autouse=True)
def own_states(tmp_path, monkeypatch):
    """What this computer's user remembers is none of the tests' business."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "own states"))


def test_the_bundle_in_the_package_tells_of_its_making():
    shown = run("info").stdout
    for said in (
        DEFAULT_IDENTITY, "by nobody: it is the one that comes with this version",
        "passed on 2026-", "11 of 11 gates hold", "'data', photos: train_dir 5270",
        "fingerprint 36e67ed83e38", "weights resnet50_fundus_cameras_notop", "tensorflow 2.",
        "glaucoma from 0.431 on, sensitivity 0.944", "none: no copies in several splits",
        DISCLAIMER,
    ):  # fmt: skip
        assert said in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 104


def test_a_signature_is_told_as_unchecked_until_somebody_is_trusted(bundle, request):
    signer, stranger = request.getfixturevalue("key"), request.getfixturevalue("other")
    hint = signer.trusted.keys[0].hint[:16]
    assert "by nobody" in run("info", bundle).stdout
    run("sign", bundle, "--key", signer.secret, "--release", "4", "--expires", "2999-12-31")
    told = " ".join(run("info", bundle).stdout.split())
    assert f"by the key {hint}, release 4, signed on " in told
    assert "to be run until 2999-12-31, as model.sig says; not checked" in told
    told = run("info", bundle, "--trust", signer.public).stdout
    assert "; checked" in told
    refused(run("info", bundle, "--trust", stranger.public), "it was signed by the key")
    run("sign", bundle, "--key", stranger.secret)
    told = run("info", bundle, "--trust", signer.public).stdout
    assert "trusted is" in told
    (bundle / SIGNATURE).write_bytes(b"x")
    assert "model.sig is not JSON" in run("info", bundle).stdout


def test_its_json_is_the_manifest_and_who_signed(bundle):
    found = json.loads(run("info", bundle, "--json").stdout)
    loaded = load_bundle(bundle)
    assert found["identity"] == loaded.identity
    assert found["manifest"]["origin"]["dataset"]["fingerprint"]
    assert found["signed"] == ["by nobody"]
    assert found["disclaimer"] == DISCLAIMER


def test_what_the_steps_stated_is_shown_on_the_page(bundle):
    shown = run("info", bundle).stdout
    told = " ".join(shown.split())
    digest = load_bundle(bundle).manifest.files["model.onnx"].sha256
    for said in (
        f"stated export made model.onnx ({digest[:16]}), model.tflite", "made of model.keras (",
        "photographs and labels (", "options name tiny", "float32: val_dir accuracy",
    ):  # fmt: skip
        assert said in told
    assert "DOES NOT FIT" not in told
    assert max(map(len, shown.splitlines())) <= 104
    found = json.loads(run("info", bundle, "--json").stdout)
    assert found["attestations"][0]["subject"][0]["digest"]["sha256"] == digest
    assert found["doubts"] == []


def test_a_statement_of_another_file_than_the_one_there_is_told(bundle):
    loaded = load_bundle(bundle)
    digest = loaded.manifest.files["model.onnx"].sha256
    text = (bundle / ATTESTATIONS).read_text("ascii").replace(digest, "0" * 64)
    files = {name: (bundle / name).read_bytes() for name in loaded.manifest.files}
    write_bundle(bundle, loaded.manifest, {**files, ATTESTATIONS: text.encode()}, force=True)
    told = " ".join(run("info", bundle).stdout.split())
    said = f"export speaks of model.onnx ({'0' * 16}), and the file of that name here is another"
    assert f"DOES NOT FIT {said}: {digest[:16]}" in told
    assert "DOES NOT FIT no statement says what model.onnx was made of" in told
    assert len(json.loads(run("info", bundle, "--json").stdout)["doubts"]) == 2
    write_bundle(bundle, loaded.manifest, {**files, ATTESTATIONS: b"[]\n"}, force=True)
    refused(run("info", bundle), "attestations.jsonl is not a JSON object, in line 1")


def test_the_page_shows_the_same_and_what_does_not_fit_on_its_top(bundle, tmp_path):
    loaded = load_bundle(bundle)
    digest = loaded.manifest.files["model.onnx"].sha256
    changed = (bundle / ATTESTATIONS).read_text("ascii").replace(digest, "0" * 64)
    strange = changed.replace('"model.keras"', '"<b>\\ud800\\u001b[31m.keras"')
    assert strange != changed != (bundle / ATTESTATIONS).read_text("ascii")
    files = {name: (bundle / name).read_bytes() for name in loaded.manifest.files}
    write_bundle(bundle, loaded.manifest, {**files, ATTESTATIONS: strange.encode()}, force=True)
    page = tmp_path / "page.html"
    shown = run("info", bundle, "--page", page)
    assert shown.exit_code == 0, shown.output
    text = page.read_text("utf-8")
    assert text.count('<p class="bad">Does not fit: ') == 2
    assert text.index("Does not fit") < text.index("What the bundle says of itself")
    for said in (DISCLAIMER, "export made model.onnx", "photographs and labels", "&lt;b&gt;"):
        assert said in text
    assert "<b>" not in text
    assert "\x1b" not in text + shown.stdout
    again = run("info", bundle, "--page", page)
    assert again.exit_code == 2
    assert "already exists" in again.stderr
    assert page.read_text("utf-8") == text


def test_the_signature_covers_what_was_stated(bundle, request):
    signer = request.getfixturevalue("key")
    run("sign", bundle, "--key", signer.secret)
    assert run("info", bundle, "--trust", signer.public).exit_code == 0
    data = bytearray((bundle / ATTESTATIONS).read_bytes())
    data[len(data) // 2] ^= 1
    (bundle / ATTESTATIONS).write_bytes(data)
    refused(run("info", bundle, "--trust", signer.public), "its file attestations.jsonl isn't what")


def test_a_bundle_of_before_says_that_nothing_was_stated():
    told = " ".join(run("info").stdout.split())
    assert "stated nothing: the steps that made this bundle left no statements" in told
    assert "DOES NOT FIT" not in told
    assert json.loads(run("info", "--json").stdout)["doubts"] == []


def test_a_bundle_without_a_verdict_says_so(bundle):
    assert "has no verdict of a validation" in " ".join(run("info", bundle).stdout.split())


def valid(text):
    return JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_what_it_consists_of_is_valid_cyclonedx(bundle, tmp_path):
    file = tmp_path / "sbom.json"
    assert run("info", bundle, "--sbom", file).exit_code == 0
    text = file.read_text()
    assert valid(text)
    assert not valid(text.replace('"library"', '"book"', 1))
    found = json.loads(text)
    packages = {each["name"]: each for each in found["components"]}
    assert packages["numpy"]["purl"] == f"pkg:pypi/numpy@{version('numpy')}"
    assert packages[platform.python_implementation()]["version"] == platform.python_version()
    model = next(each for each in found["components"] if each["type"].startswith("machine"))
    loaded = load_bundle(bundle)
    assert model["hashes"] == [{"alg": "SHA-256", "content": loaded.identity}]
    hashes = {each["name"]: each["hashes"][0]["content"] for each in model["components"]}
    assert hashes == {"manifest.json": loaded.identity} | {
        name: entry.sha256 for name, entry in loaded.manifest.files.items()
    }
    needs = {each["ref"]: each["dependsOn"] for each in found["dependencies"]}
    assert f"pkg:pypi/numpy@{version('numpy')}" in needs[found["metadata"]["component"]["bom-ref"]]
    assert found["metadata"]["properties"][0]["value"] == DISCLAIMER


def test_the_same_installation_has_the_same_number_and_no_list_is_written_over(tmp_path):
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file in files:
        run("info", "--sbom", file)
    assert len({json.loads(file.read_text())["serialNumber"] for file in files}) == 1
    before = files[0].read_bytes()
    again = run("info", "--sbom", files[0])
    assert again.exit_code == 2
    assert "already exists" in again.stderr
    assert files[0].read_bytes() == before


def test_a_revoked_bundle_is_refused(bundle, request, tmp_path):
    signer = request.getfixturevalue("key")
    run("sign", bundle, "--key", signer.secret)
    run("trust", "revoke", tmp_path / "a.trust", bundle, "--key", signer.secret)
    trust = ("--trust", signer.public, "--trust", tmp_path / "a.trust")
    refused(run("info", bundle, *trust), "it was revoked")
