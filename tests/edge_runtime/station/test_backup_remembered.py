"""A restored camp runs nothing that the camp refused: what it remembered is in the backup."""

import zipfile

import pytest

from edge_runtime.station.remembered import REMEMBERED
from edge_runtime.trust.make_notice import revoke
from tests.edge_runtime.station.backups import backed_up
from tests.edge_runtime.station.test_backup_log import rezipped
from tests.edge_runtime.trust.about_keys import DAY, public
from tests.edge_runtime.trust.conftest import signer
from tests.edge_runtime.trust.test_trust_commands import run

RELEASES, KEYS = REMEMBERED


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return signer(tmp_path_factory.mktemp("keys") / "clinic")


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return signer(tmp_path_factory.mktemp("keys") / "other")


@pytest.fixture
def begin(bundle, key, other, tmp_path, monkeypatch):
    """Begin a station in a data folder, which ends at once."""
    from edge_runtime.station.web import server

    monkeypatch.setattr(server, "serve", lambda *_, **__: None)
    (tmp_path / "inbox").mkdir()
    trust = ("--trust", key.public, "--trust", other.public)

    def began(data, *more):
        options = ("--inbox", tmp_path / "inbox", "--data", data, "--bundle", bundle)
        return run("station", *options, *trust, *more)

    return began


@pytest.fixture
def camp(bundle, key, begin, tmp_path):
    """A camp that ran release 9 of a bundle, and was given release 1 since."""
    for release in ("9", "1"):
        run("sign", bundle, "--key", key.secret, "--release", release, "--force")
        ran = begin(tmp_path / "camp")
    assert "its release is 1, and this device ran release 9" in ran.stderr
    return tmp_path / "camp"


@pytest.fixture
def file(camp, tmp_path):
    return backed_up(camp, tmp_path / "camp.zip")


def test_a_restored_camp_refuses_a_release_that_the_camp_refused(file, camp, begin, tmp_path):
    ran = run("station", "restore", file, "--data", tmp_path / "again")
    assert ran.exit_code == 0, ran.output
    assert "which releases" not in ran.stderr
    assert (tmp_path / "again" / RELEASES).read_bytes() == (camp / RELEASES).read_bytes()
    ran = begin(tmp_path / "again")
    assert ran.exit_code == 1
    assert "its release is 1, and this device ran release 9" in ran.stderr


def test_a_restored_camp_refuses_what_was_revoked_though_the_list_is_gone(
    camp, bundle, key, other, begin, tmp_path
):
    revoke(tmp_path / "list.trust", {public(key).hint: "key"}, other.private, day=DAY)
    begin(camp, "--trust", tmp_path / "list.trust")
    (tmp_path / "list.trust").unlink()
    run("sign", bundle, "--key", key.secret, "--release", "10", "--force")
    run("station", "backup", tmp_path / "late.zip", "--data", camp)
    run("station", "restore", tmp_path / "late.zip", "--data", tmp_path / "again")
    for data in (camp, tmp_path / "again"):
        ran = begin(data)
        assert ran.exit_code == 1
        assert "is revoked" in ran.stderr
    ran = begin(tmp_path / "new")
    assert ran.exit_code == 0, "a new data folder knows of nothing, as docs/security.md says"


def test_a_backup_without_it_is_restored_with_a_note_of_what_to_do(file, tmp_path):
    rezipped(file, lambda kept: {name: kept[name] for name in kept if name not in REMEMBERED})
    ran = run("station", "restore", file, "--data", tmp_path / "again")
    assert ran.exit_code == 0, ran.output
    assert "Note: nothing in it tells which releases of a bundle ran" in ran.stderr
    assert "run the newest release first" in ran.stderr


@pytest.mark.parametrize("name", REMEMBERED)
@pytest.mark.parametrize("content", [b"", b"[" * 100_000, b"{}" + b" " * (1 << 25)])
def test_what_is_damaged_in_a_backup_is_told_and_stays_damaged(
    file, begin, tmp_path, name, content
):
    """An empty memory in its place would run what the camp refused."""
    rezipped(file, lambda kept: {**kept, name: content})
    ran = run("station", "restore", file, "--data", tmp_path / "again")
    assert ran.exit_code == 0, ran.output
    assert f"{name}: can't be used: " in ran.stderr
    ran = begin(tmp_path / "again")
    assert ran.exit_code == 1
    assert f"{name}: can't be used: " in ran.stderr


def test_a_damaged_memory_of_any_size_hinders_no_backup(camp, tmp_path):
    for size in (0, 1 << 25):
        (camp / KEYS).write_bytes(bytes(size))
        file = tmp_path / f"{size}.zip"
        assert run("station", "backup", file, "--data", camp).exit_code == 0
        with zipfile.ZipFile(file) as opened:
            assert opened.getinfo(KEYS).file_size == size
