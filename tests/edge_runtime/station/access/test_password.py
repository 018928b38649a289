"""A password is kept as a hash that is slow to try, and nothing that is damaged lets anybody in."""

import hashlib
import time

import msgspec
import pytest

from edge_runtime.station.access.password import (
    PASSWORD,
    PasswordInvalidError,
    read_password,
    remove_password,
    set_password,
    stamp_of_password,
    weakness,
)

TOLD = "tres ojos azules"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    set_password(folder, TOLD)
    return folder


def test_the_password_fits_and_nothing_else_does(kept):
    found = read_password(kept)
    assert found.fits(TOLD)
    for other in ("", TOLD + " ", TOLD.upper(), TOLD[:-1], "\0", "x" * 5000):
        assert not found.fits(other)


def test_letters_count_as_the_same_however_a_keyboard_makes_them(tmp_path):
    set_password(tmp_path, "contrase\u00f1a")
    assert read_password(tmp_path).fits("contrasen\u0303a")


def test_the_file_is_for_its_owner_and_holds_no_password(kept):
    file = kept / PASSWORD
    assert file.stat().st_mode & 0o777 == 0o600
    assert TOLD.encode() not in file.read_bytes()


def test_a_try_costs_tens_of_mebibytes_and_of_milliseconds(kept):
    found = read_password(kept)
    memory = 128 * found.r * found.n
    assert 16 << 20 <= memory < 64 << 20
    begun = time.perf_counter()
    found.fits("x")
    assert time.perf_counter() - begun > 0.02  # a processor ten times as quick as those of today


def test_two_stations_of_one_password_keep_different_hashes(kept, tmp_path):
    set_password(tmp_path, TOLD)
    assert read_password(tmp_path).digest != read_password(kept).digest


@pytest.mark.parametrize(
    "damaged",
    [
        b"", b"{}", b"null", b"\xff\xfe", b"[" * 3000, b"password", b'{"n":32768,"r":8,"p":1}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path, damaged):
    (tmp_path / PASSWORD).write_bytes(damaged)
    with pytest.raises(PasswordInvalidError, match="it is damaged; set a new password with"):
        read_password(tmp_path)


@pytest.mark.parametrize(
    "changed",
    [
        {"n": 1}, {"n": 1 << 30}, {"n": 40_000}, {"n": 1 << 18}, {"r": 0}, {"p": 99},
        {"salt": b""}, {"digest": b""}, {"digest": b"x"}, {"more": 1},
    ],
)  # fmt: skip
def test_a_hash_that_would_be_too_cheap_or_too_dear_is_refused(kept, tmp_path, changed):
    told = msgspec.to_builtins(read_password(kept), builtin_types=(bytes,))
    (tmp_path / PASSWORD).write_bytes(msgspec.json.encode(told | changed))
    with pytest.raises(PasswordInvalidError, match="damaged"):
        read_password(tmp_path)


def test_what_cant_be_read_is_refused_and_what_isnt_there_is_none(tmp_path):
    assert read_password(tmp_path) is None
    assert stamp_of_password(tmp_path) is None
    (tmp_path / PASSWORD).mkdir()
    with pytest.raises(PasswordInvalidError, match="is a directory"):
        read_password(tmp_path)
    (tmp_path / PASSWORD).rmdir()
    (tmp_path / PASSWORD).symlink_to("nowhere")
    with pytest.raises(PasswordInvalidError, match="leads nowhere"):
        read_password(tmp_path)


def test_a_password_is_removed_once(tmp_path):
    set_password(tmp_path, TOLD)
    assert remove_password(tmp_path)
    assert not remove_password(tmp_path)
    assert read_password(tmp_path) is None


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("", "too short"), ("12345", "at least 6 digits"), ("123456", "first"),
        ("987654", "first"), ("000000", "first"), ("101010", "first"), ("abcdef", "first"),
        ("x" * 201, "longer than 200"), ("730916", None),
        ("\u00e9\u00e8\u00ea\u00eb12", None), (TOLD, None),
    ],
)  # fmt: skip
def test_a_pin_has_six_digits_at_least_and_isnt_the_first_guess(told, why):
    fault = weakness(told)
    assert fault is None if why is None else why in fault


def test_the_hash_is_scrypt_as_others_compute_it(kept):
    found = read_password(kept)
    other = hashlib.scrypt(TOLD.encode(), salt=found.salt, n=found.n, r=found.r, p=found.p,
                           dklen=32, maxmem=80 << 20)  # fmt: skip
    assert other == found.digest
