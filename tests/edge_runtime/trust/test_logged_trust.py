"""The log has by whose trust a bundle ran, and shows each way back to an older one."""

import json

import pytest

from edge_runtime import load_bundle
from edge_runtime.tlog.examine import examine
from edge_runtime.tlog.writer import Log
from tests.edge_runtime.trust.test_trust_commands import run


@pytest.fixture
def older(bundle, key, photo_file):
    """A bundle of release 1, on a computer that ran release 2 of it."""
    for release in ("2", "1"):
        run("sign", bundle, "--key", key.secret, "--force", "--release", release)
        if release == "2":
            run("predict", photo_file, "--bundle", bundle, "--trust", key.public)
    return bundle


def kinds(log):
    return [each.kind for each in examine(log).entries]


def test_a_run_says_in_its_log_whom_it_trusted_and_that_it_went_back(
    older, key, photo_file, tmp_path
):
    trusting = ("--bundle", older, "--trust", key.public, "--allow-rollback")
    log, out = tmp_path / "log", tmp_path / "results"
    ran = run("predict", photo_file, *trusting, "--out", out, "--log", log)
    assert ran.exit_code == 0, ran.output
    assert kinds(log) == ["log", "bundle", "trust", "rollback", "begin", "photo", "end"]
    bundle, trust, rollback = examine(log).entries[1:4]
    identity = load_bundle(older).identity
    assert bundle.of == rollback.of == identity
    signer = key.trusted.keys[0]
    told = {
        "signers": [signer.called],
        "release": {"number": 1, "signed": signed_day(older, key), "expires": ""},
        "asked": {"keys": [signer.hint], "threshold": 1, "may_go_back": True, "is_back": True},
    }
    with Log(log) as opened:
        assert trust.of == opened.commit(json.dumps(told, sort_keys=True).encode())
    found = run("log", "verify", log, "--records", out)
    assert found.exit_code == 0, found.output
    assert "1 time a bundle was taken that is older than one that ran there" in found.stderr
    assert identity[:12] in found.stderr


def signed_day(bundle, key):
    return load_bundle(bundle, trusted=key.trusted).sealed.release.signed


def test_a_run_that_doesnt_go_back_and_one_without_trust_say_so(bundle, key, photo_file, tmp_path):
    run("sign", bundle, "--key", key.secret, "--release", "2")
    for name, trust in (("with", ("--trust", key.public, "--allow-rollback")), ("without", ())):
        options = ("--bundle", bundle, "--out", tmp_path / f"of {name}", "--log", tmp_path / name)
        run("predict", photo_file, *trust, *options)
    assert kinds(tmp_path / "with") == ["log", "bundle", "trust", "begin", "photo", "end"]
    assert kinds(tmp_path / "without") == ["log", "bundle", "begin", "photo", "end"]
    assert "allow-rollback" not in run("log", "verify", tmp_path / "with").stderr


def test_the_station_says_it_in_its_log_each_time(bundle, key, tmp_path, monkeypatch):
    from edge_runtime.station.web import server

    monkeypatch.setattr(server, "serve", lambda *_, **__: None)
    (tmp_path / "inbox").mkdir()
    station = ("station", "--inbox", tmp_path / "inbox", "--data", tmp_path / "data")
    options = ("--bundle", bundle, "--trust", key.public)
    run("sign", bundle, "--key", key.secret, "--release", "2")
    run(*station, *options)
    run("sign", bundle, "--key", key.secret, "--release", "1", "--force")
    assert run(*station, *options).exit_code == 1
    ran = run(*station, *options, "--allow-rollback")
    assert ran.exit_code == 0, ran.output
    assert kinds(tmp_path / "data" / "station.log") == [
        "log", "bundle", "trust", "begin", "end",
        "bundle", "trust", "rollback", "begin", "end",
    ]  # fmt: skip
