"""Files about keys that somebody made to do harm, and the commands that make the true ones."""

import json
import random
import shutil

import pytest

from edge_runtime import load_bundle
from edge_runtime.contract import DISCLAIMER, SIGNATURE
from edge_runtime.trust.envelope import Envelope, read_envelope, write_envelope
from edge_runtime.trust.errors import NoticeInvalidError
from edge_runtime.trust.make_notice import revoke
from edge_runtime.trust.notice import (
    Revocation,
    Rotation,
    read_notice,
    write_revocation,
    write_rotation,
)
from edge_runtime.trust.private_keys import signature_of
from edge_runtime.trust.remembered import read_notices, recall_standing
from edge_runtime.trust.statement import read_statement
from tests.edge_runtime.trust.about_keys import DAY, public, rotated
from tests.edge_runtime.trust.test_hostile_signatures import is_told, spoilt
from tests.edge_runtime.trust.test_trust_commands import refused, run

BUNDLE = "ab" * 32


def payloads(key, other):
    rotation = Rotation(public(key).hint, public(other), signed=DAY)
    return {
        "rotation": write_rotation(rotation),
        "revocation": write_revocation(Revocation(1, (BUNDLE,), DAY)),
    }


@pytest.mark.parametrize(
    ("kind", "change", "match"),
    [
        ("rotation", {"more": 1}, "unknown field"),
        ("rotation", {"predicate__more": 1}, "unknown field"),
        ("rotation", {"subject__0__more": 1}, "unknown field"),
        ("rotation", {"subject__0__digest__sha256": BUNDLE}, "names another key than it holds"),
        ("rotation", {"subject": []}, "names another key than it holds"),
        ("rotation", {"predicate__key": "AAAA"}, "names another key than it holds"),
        ("rotation", {"predicate__key": "?"}, "isn't base64"),
        ("rotation", {"predicate__release": -1}, "has the release -1"),
        ("rotation", {"predicate__release": 1 << 53}, "has the release"),
        ("rotation", {"predicate__release": True}, "isn't a whole number"),
        ("rotation", {"predicate__keeps": "yes"}, "isn't true or false"),
        ("rotation", {"predicate__signed": "soon"}, "isn't a day"),
        ("rotation", {"predicateType": "https://model_signing/signature/v1.0"}, "neither replaces"),
        ("rotation", {"predicateType": "urn:fundus-edge:key-revocation:1"}, "lacks|unknown field"),
        ("rotation", {"_type": "https://in-toto.io/Statement/v0.1"}, "not 'https://in-toto"),
        ("revocation", {"predicate__number": 0}, "has the number 0"),
        ("revocation", {"predicate__more": 1}, "unknown field"),
        ("revocation", {"subject": []}, "revokes 0 keys and bundles"),
        ("revocation", {"subject__0__digest__sha256": "AB" * 32}, "isn't a SHA-256"),
        ("revocation", {"subject": [{"name": "x", "digest": {"sha256": BUNDLE}}] * 2}, "one twice"),
    ],
)
def test_a_statement_that_isnt_as_it_must_be_is_refused_though_its_signature_holds(
    key, other, tmp_path, kind, change, match
):
    found = json.loads(payloads(key, other)[kind])
    for path, value in change.items():
        at, name = found, path.lstrip("_").split("__")
        name = [path] if path == "_type" else name
        for part in name[:-1]:
            at = at[int(part)] if part.isdigit() else at[part]
        at[name[-1]] = value
    payload = json.dumps(found).encode()
    file = tmp_path / "x.trust"
    envelope = Envelope(payload, signature_of(key.private, payload), public(key).hint)
    file.write_bytes(write_envelope(envelope))
    with pytest.raises(NoticeInvalidError, match=match) as caught:
        recall_standing((public(key),), read_notices([file]), None)
    assert len(str(caught.value).splitlines()) == 1


def test_what_replaces_a_key_is_no_signature_of_a_bundle_and_the_other_way_round(
    bundle, key, other, tmp_path
):
    """Though one key signs all of them in one kind of envelope."""
    for payload in payloads(key, other).values():
        with pytest.raises(ValueError, match=r"lacks 'predicate\.serialization'"):
            read_statement(payload)
    run("sign", bundle, "--key", key.secret)
    file = shutil.copyfile(bundle / SIGNATURE, tmp_path / "x.trust")
    with pytest.raises(NoticeInvalidError, match="neither replaces nor revokes"):
        recall_standing((public(key),), read_notices([file]), None)


@pytest.mark.parametrize("kind", ["rotation", "revocation"])
def test_whatever_is_spoilt_is_read_or_told_in_a_clause(key, other, kind):
    chance, payload = random.Random(98), payloads(key, other)[kind]
    told = [is_told(read_notice, spoilt(payload, chance)) for _ in range(2000)]
    assert sum(told) > 1000


def test_files_that_are_none_are_told(key, tmp_path):
    for name, content in (("a", b""), ("b", b"[" * 100_000), ("c", b" " * (3 << 20))):
        file = tmp_path / f"{name}.trust"
        file.write_bytes(content)
        with pytest.raises(NoticeInvalidError):
            read_notices([file])
        file.unlink()
    with pytest.raises(NoticeInvalidError, match="is no file"):
        read_notices([tmp_path / "gone.trust"])
    (tmp_path / "link.trust").symlink_to(key.public)
    with pytest.raises(NoticeInvalidError, match="is a link"):
        read_notices([tmp_path])
    (tmp_path / "link.trust").unlink()
    for number in range(65):
        (tmp_path / f"{number}.trust").touch()
    with pytest.raises(NoticeInvalidError, match="more than 64 files about keys"):
        read_notices([tmp_path])


def test_what_is_signed_of_keys_says_what_results_are_for(key, other):
    for payload in payloads(key, other).values():
        assert DISCLAIMER in payload.decode()


def test_a_key_is_replaced_as_people_type_it(bundle, key, other, photo_file, tmp_path):
    """Two computers and a stick: the device trusts the old key alone, and learns of the new one."""
    env = {"XDG_STATE_HOME": str(tmp_path / "device")}
    keys, new = tmp_path / "keys", tmp_path / "clinic-2.pub"
    keys.mkdir()
    shutil.copyfile(key.public, keys / "clinic.pub")
    shutil.copyfile(other.public, new)
    predict = ("predict", photo_file, "--bundle", bundle, "--trust", keys)
    made = run("trust", "rotate", new, "--key", key.secret)
    assert made.exit_code == 0, made.output
    assert "(clinic-2.pub) takes the place of the key" in made.stdout
    assert DISCLAIMER in made.stderr
    refused(run("trust", "rotate", new, "--key", key.secret), "choose another name")
    run("sign", bundle, "--key", other.secret)
    refused(run(*predict, env=env), "it was signed by the key")
    told = run(*predict, "--trust", tmp_path / "clinic-2.trust", env=env)
    assert told.exit_code == 0, told.output
    (tmp_path / "clinic-2.trust").unlink()
    assert run(*predict, env=env).exit_code == 0
    run("sign", bundle, "--key", key.secret, "--force")
    refused(run(*predict, env=env), "(clinic-2.pub) took")
    refused(run("verify", bundle, "--public-key", keys, env=env), "(clinic-2.pub) took")
    shown = run("trust", "show", "--trust", keys, env=env)
    assert "(clinic.pub): replaced by the key" in shown.stdout
    assert "(clinic-2.pub): trusted" in shown.stdout


def test_a_stolen_key_and_a_bundle_are_revoked_as_people_type_it(
    bundle, key, other, photo_file, tmp_path
):
    env = {"XDG_STATE_HOME": str(tmp_path / "device")}
    keys, file = tmp_path / "keys", tmp_path / "revoked.trust"
    keys.mkdir()
    for each in (key, other):
        shutil.copyfile(each.public, keys / each.public.name)
    predict = ("predict", photo_file, "--bundle", bundle, "--trust", keys)
    run("sign", bundle, "--key", key.secret)
    assert run(*predict, env=env).exit_code == 0
    made = run("trust", "revoke", file, key.public, "--key", other.secret)
    assert "list 1, which revokes 1" in made.stdout
    shutil.copyfile(file, keys / file.name)
    refused(run(*predict, env=env), "is revoked")
    (keys / file.name).unlink()
    refused(run(*predict, env=env), "is revoked")
    refused(run("benchmark", photo_file, "--seconds", "0.1", *predict[2:], env=env), "is revoked")
    run("sign", bundle, "--key", other.secret, "--force", "--release", "2")
    assert run(*predict, env=env).exit_code == 0
    made = run("trust", "revoke", file, bundle, "c" * 64, "--key", other.secret)
    assert "list 2, which revokes 3" in made.stdout
    refused(run(*predict, "--trust", file, env=env), "it was revoked (its identity is")
    refused(run(*predict, env=env), "it was revoked")
    shown = run("trust", "show", "--trust", keys, "--json", env=env)
    told = json.loads(shown.stdout)
    identity = load_bundle(bundle).identity
    assert told["revoked"][public(other).hint]["revoked"] == sorted(
        (identity, "c" * 64, public(key).hint)
    )
    assert list(told["releases"].values()) == [2]
    assert told["disclaimer"] == DISCLAIMER


def test_the_station_remembers_what_was_revoked_in_its_data_folder(
    bundle, key, other, tmp_path, monkeypatch
):
    from edge_runtime.station.web import server

    monkeypatch.setattr(server, "serve", lambda *_, **__: None)
    (tmp_path / "inbox").mkdir()
    data, file = tmp_path / "data", tmp_path / "revoked.trust"
    station = ("station", "--inbox", tmp_path / "inbox", "--data", data, "--bundle", bundle)
    trust = ("--trust", key.public, "--trust", other.public)
    run("sign", bundle, "--key", key.secret)
    assert run(*station, *trust).exit_code == 0
    revoke(file, {public(key).hint: "key"}, other.private, day=DAY)
    for more in (("--trust", file), ()):
        ran = run(*station, *trust, *more)
        assert ran.exit_code == 1
        assert "is revoked" in ran.stderr
    assert (data / "station.keys.json").is_file()
    shown = run("trust", "show", *trust, "--station", data)
    assert "(clinic.pub): revoked" in shown.stdout


def test_slips_of_the_finger_are_told(bundle, key, other, tmp_path):
    for arguments, match in (
        (
            ("revoke", tmp_path / "list.txt", other.public, "--key", key.secret),
            "must end in .trust",
        ),
        (("rotate", other.public, "--key", key.secret, "--out", tmp_path / "x"), "must end in"),
        (("rotate", other.public, "--key", key.secret, "--both", "--release", "2"), "leave --rel"),
        (("revoke", tmp_path / "x.trust", tmp_path, "--key", key.secret), "no bundle"),
        (("revoke", tmp_path / "x.trust", "abc", "--key", key.secret), "no such file"),
        (("rotate", key.public, "--key", key.secret, "--out", tmp_path / "x.trust"), "is the old"),
    ):
        ran = run("trust", *arguments)
        assert ran.exit_code in (1, 2)
        assert match in ran.stderr
    assert not list(tmp_path.glob("*.trust"))
    file = rotated(tmp_path / "x.trust", key, other)
    ran = run("verify", bundle, "--public-key", file)
    assert ran.exit_code == 2
    assert "name the public key of whoever signs too" in ran.stderr


def test_an_envelope_of_a_notice_is_as_that_of_a_signature(key, other, tmp_path):
    file = rotated(tmp_path / "x.trust", key, other)
    assert write_envelope(read_envelope(file.read_bytes())) == file.read_bytes()
