"""A device never goes back to an older release unasked, whatever its clock says."""

import json
import stat
import threading
from datetime import date

import pytest

from edge_runtime.errors import StoreInvalidError
from edge_runtime.trust import memory_file
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.releases import Memory, Release, check_release, remember_release
from edge_runtime.trust.sign import sign_folder
from edge_runtime.trust.verify import verify_folder
from tests.edge_runtime.trust.test_trust_commands import refused, run

TODAY = date(2026, 11, 28)

#: Clocks that are wrong: never set, set back, set ahead.
CLOCKS = (date(1970, 1, 1), date(2026, 11, 27), TODAY, date(2027, 6, 1), date(9999, 12, 31))


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "states" / "releases.json")


def check(memory, release, *, today=TODAY, name="cameras"):
    return check_release(memory.file.parent, name, release, memory, today=today)


def test_a_release_is_signed_and_read(folder, key):
    release = Release(7, "2026-11-28", "2027-11-28")
    sign_folder(folder, key.private, release=release, replace=True)
    assert verify_folder(folder, key.trusted).release == release


@pytest.mark.parametrize(
    "release", [Release(-1), Release(1 << 53), Release(1, "soon"), Release(1, "", "2027-13-01")]
)
def test_a_release_that_is_none_is_refused(folder, key, release):
    sign_folder(folder, key.private, release=release, replace=True)
    with pytest.raises(BundleUntrustedError, match="its signature "):
        verify_folder(folder, key.trusted)


@pytest.mark.parametrize("today", CLOCKS)
def test_an_older_release_is_refused_whatever_the_clock_says(memory, today):
    remember_release("cameras", Release(5), memory, today=TODAY)
    for number, said in ((0, "it has no release number"), (1, "release is 1"), (4, "release is 4")):
        with pytest.raises(BundleUntrustedError, match=f"{said}, and this device ran release 5"):
            check(memory, Release(number), today=today)
    assert check(memory, Release(5), today=today) == ""
    assert check(memory, Release(6), today=today) == ""
    assert check(memory, Release(1), today=today, name="another") == ""


def test_a_release_that_was_only_looked_at_isnt_remembered(memory):
    check(memory, Release(9))
    assert check(memory, Release(1)) == ""


def test_what_is_remembered_never_sinks(memory):
    for number, signed in (
        (5, ""),
        (2, ""),
        (7, "2026-11-20"),
        (3, "2026-11-28"),
        (6, "2026-11-01"),
    ):
        remember_release("cameras", Release(number, signed), memory, today=TODAY)
    found = json.loads(memory.file.read_text())
    assert found == {"schema": 1, "highest": {"cameras": 7}, "signed": "2026-11-28"}
    assert stat.S_IMODE(memory.file.stat().st_mode) == 0o600


def test_nothing_is_written_for_a_bundle_of_whose_age_nothing_was_said(memory):
    remember_release("cameras", Release(0, "2026-11-28"), memory, today=TODAY)
    assert not memory.file.parent.exists()


def test_going_back_is_allowed_when_asked_for_and_said_each_time(memory):
    remember_release("cameras", Release(5), memory, today=TODAY)
    back = Memory(memory.file, allow_rollback=True)
    for _ in range(2):
        assert "because of --allow-rollback" in check(back, Release(4))
        remember_release("cameras", Release(4), back, today=TODAY)
    with pytest.raises(BundleUntrustedError):
        check(memory, Release(4))


def test_processes_that_remember_at_once_lose_nothing(memory):
    def remember(number):
        remember_release(f"bundle {number % 4}", Release(number), memory, today=TODAY)

    threads = [threading.Thread(target=remember, args=(number,)) for number in range(1, 33)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    highest = json.loads(memory.file.read_text())["highest"]
    assert highest == {f"bundle {left}": 28 + (left or 4) for left in range(4)}


def test_a_bundle_is_run_to_its_last_day(memory):
    release = Release(1, "2026-11-01", "2026-11-28")
    assert check(memory, release) == ""
    with pytest.raises(BundleUntrustedError, match="to be run until 2026-11-28, and it is 2026-11"):
        check(memory, release, today=date(2026, 11, 29))


def test_a_clock_that_was_set_back_revives_nothing_that_a_later_signature_outlived(memory):
    remember_release("another", Release(1, "2026-11-20"), memory, today=TODAY)
    old = Release(1, "2026-01-01", "2026-11-10")
    with pytest.raises(BundleUntrustedError, match="ran here that was signed on 2026-11-20"):
        check(memory, old, today=date(2026, 11, 5))


def test_a_clock_before_the_signature_is_told_where_there_is_a_last_day(memory):
    with pytest.raises(BundleUntrustedError, match="the computer's clock says 1970-01-01"):
        check(memory, Release(1, "2026-11-28", "2027-01-01"), today=date(1970, 1, 1))
    assert check(memory, Release(1, "2026-11-29", "2027-01-01")) == ""  # clocks differ a little


def test_a_signature_of_a_day_to_come_is_told_and_ends_no_other_bundle(memory):
    """Its clock was ahead, or this one is behind: the number counts, and the day doesn't yet."""
    ahead = Release(2, "2099-12-05")
    assert "signed on 2099-12-05, and this computer's clock says 2026-11-28" in check(memory, ahead)
    remember_release("cameras", ahead, memory, today=TODAY)
    assert check(memory, Release(2, "2026-11-28", "2030-01-01")) == ""
    with pytest.raises(BundleUntrustedError, match="this device ran release 2"):
        check(memory, Release(1))
    remember_release("cameras", ahead, memory, today=date(2099, 12, 5))
    with pytest.raises(BundleUntrustedError, match="ran here that was signed on 2099-12-05"):
        check(memory, Release(2, "2026-11-28", "2030-01-01"))


def test_a_computer_whose_clock_was_never_set_runs_bundles_without_a_last_day(memory):
    never = date(1970, 1, 1)
    assert "this computer's clock says 1970-01-01" in check(
        memory, Release(1, "2026-11-28"), today=never
    )
    assert check(memory, Release(1), today=never) == ""


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}", "null", '{"schema": 2, "highest": {}}', '{"schema": 1, "highest": []}',
        '{"schema": 1, "highest": {"a": "x"}}', '{"schema": 1, "highest": {"a": 1, "a": 2}}',
        '{"schema": 1, "highest": {}, "signed": "soon"}',
        '{"schema": 1, "highest": {}, "limited": ["x"]}', "[" * 100_000, "x" * 1_100_000,
    ],
)  # fmt: skip
def test_a_damaged_memory_is_no_empty_one(memory, content):
    memory.file.parent.mkdir()
    memory.file.write_text(content)
    with pytest.raises(StoreInvalidError, match=r"releases\.json: can't be used: "):
        check(memory, Release(1))
    with pytest.raises(StoreInvalidError):
        remember_release("cameras", Release(1), memory, today=TODAY)
    assert memory.file.read_text() == content


def test_a_device_refuses_the_bundle_that_it_ran_before(bundle, key, photo_file, tmp_path):
    """As an operator meets it, with an old stick."""
    states = {"XDG_STATE_HOME": str(tmp_path / "states")}
    predict = ("predict", photo_file, "--bundle", bundle, "--trust", key.public)

    def sign(*options):
        ran = run("sign", bundle, "--key", key.secret, "--force", *options)
        assert ran.exit_code == 0, ran.output
        return (bundle / "model.sig").read_bytes()

    unnumbered, older, newer = sign(), sign("--release", "1"), sign("--release", "2")
    (bundle / "model.sig").write_bytes(older)
    assert run(*predict, env=states).exit_code == 0
    (bundle / "model.sig").write_bytes(newer)
    assert run(*predict, env=states).exit_code == 0
    for signature in (older, unnumbered):
        (bundle / "model.sig").write_bytes(signature)
        refused(run(*predict, env=states), "this device ran release 2")
    back = run(*predict, "--allow-rollback", env=states)
    assert back.exit_code == 0
    assert "it is taken because of --allow-rollback" in back.stderr
    verified = run("verify", bundle, "--public-key", key.public)
    assert verified.exit_code == 0
    assert run("benchmark", photo_file, "--seconds", "0.1", *predict[2:], env=states).exit_code == 0


def test_the_station_remembers_in_its_data_folder(bundle, key, tmp_path, monkeypatch):
    from edge_runtime.station.web import server

    monkeypatch.setattr(server, "serve", lambda *_, **__: None)
    (tmp_path / "inbox").mkdir()
    station = ("station", "--inbox", tmp_path / "inbox", "--data", tmp_path / "data")
    options = ("--bundle", bundle, "--trust", key.public)
    run("sign", bundle, "--key", key.secret, "--release", "3")
    ran = run(*station, *options)
    assert ran.exit_code == 0, ran.output
    assert "The bundle is as vouched for by the key" in ran.stderr
    data = tmp_path / "data"
    assert json.loads((data / "station.releases.json").read_text())["highest"]
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    run("sign", bundle, "--key", key.secret, "--release", "2", "--force")
    ran = run(*station, *options)
    assert ran.exit_code == 1
    assert "this device ran release 3" in ran.stderr


def test_going_back_without_trust_is_a_mistake_that_is_said(photo_file):
    ran = run("predict", photo_file, "--allow-rollback")
    assert ran.exit_code == 2
    assert "--allow-rollback needs --trust" in ran.stderr


def test_a_last_day_that_is_past_is_a_mistake_that_is_said(bundle, key):
    ran = run("sign", bundle, "--key", key.secret, "--expires", "2020-01-01")
    assert ran.exit_code == 2
    assert "is past" in ran.stderr


def test_a_memory_that_cant_be_written_runs_nothing_of_a_new_release(memory, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(memory_file, "replacing", full)
    with pytest.raises(OSError, match="no space left"):
        remember_release("cameras", Release(1), memory, today=TODAY)


@pytest.mark.parametrize(
    ("release", "match"),
    [
        (Release(1, "2020-01-01", "2020-02-02"), "its last day (2020-02-02) is over"),
        (Release(1, "9999-01-01"), "it says that it was signed on 9999-01-01"),
    ],
)
def test_verify_warns_of_what_no_device_would_run_as_it_is(bundle, key, release, match):
    sign_folder(bundle, key.private, release=release)
    ran = run("verify", bundle, "--public-key", key.public)
    assert ran.exit_code == 0
    assert f"Warning: {match}" in ran.stderr
    sign_folder(bundle, key.private, release=Release(1, "2020-01-01"), replace=True)
    assert "Warning" not in run("verify", bundle, "--public-key", key.public).stderr
