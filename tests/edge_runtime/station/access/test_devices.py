"""A device from which somebody signed in is known by a token that nobody can read in the folder."""

from edge_runtime.station.access import devices as module
from edge_runtime.station.access.devices import DEVICES, Devices


def test_a_device_is_known_over_a_restart_and_by_no_other_password(tmp_path):
    token = Devices(tmp_path, b"hash").know("")
    again = Devices(tmp_path, b"hash")
    assert again.name_of(token)
    assert again.know(token) == token
    assert Devices(tmp_path, b"other").name_of(token) is None
    for other in ("", token[:-1], again.name_of(token), "\u00e9"):
        assert again.name_of(other) is None
        assert again.know(other) != other


def test_the_file_is_for_its_owner_and_holds_no_token(tmp_path):
    token = Devices(tmp_path, b"hash").know("")
    assert (tmp_path / DEVICES).stat().st_mode & 0o777 == 0o600
    assert token not in (tmp_path / DEVICES).read_text()
    for damaged in (b"", b"[", b'{"password":1}', b"\xff", b"[" * 5000):
        (tmp_path / DEVICES).write_bytes(damaged)
        assert Devices(tmp_path, b"hash").name_of(token) is None


def test_of_many_devices_the_one_that_was_not_used_for_longest_is_forgotten(tmp_path):
    opened = Devices(tmp_path, b"hash")
    first, second = opened.know(""), opened.know("")
    opened.know(first)
    for _ in range(module._MOST - 1):
        opened.know("")
    assert opened.name_of(first)
    assert opened.name_of(second) is None
    assert Devices(tmp_path, b"hash").name_of(first)


def test_on_a_full_disk_one_can_sign_in(tmp_path, monkeypatch):
    def full_disk(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_file", full_disk)
    opened = Devices(tmp_path, b"hash")
    assert opened.name_of(opened.know(""))
