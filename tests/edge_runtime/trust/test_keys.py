"""Keys are made for their owner alone, and read with care."""

import stat
import subprocess

import pytest

from edge_runtime.errors import OutputExistsError
from edge_runtime.trust.errors import KeyInvalidError
from edge_runtime.trust.private_keys import make_key, open_key, public_file, read_private_key
from edge_runtime.trust.public_keys import read_keys


def openssl(*arguments):
    """Run Debian's own and give what it prints."""
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout  # noqa: S607


@pytest.mark.parametrize("kind", ["P-256", "Ed25519"])
def test_a_key_is_for_its_owner_alone_and_encrypted(tmp_path, kind):
    made = make_key(tmp_path / "k", "correct horse", kind=kind)
    assert made.kind == kind
    assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600
    text = read_private_key(tmp_path / "k")
    assert text.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert read_keys([public_file(tmp_path / "k")]) == (made,)
    open_key(tmp_path / "k", text, "correct horse")
    for wrong in ("wrong horse", "", None):
        with pytest.raises(KeyInvalidError, match="the passphrase is wrong"):
            open_key(tmp_path / "k", text, wrong)


@pytest.mark.parametrize("kind", ["P-256", "Ed25519"])
def test_each_try_of_a_passphrase_costs_memory(tmp_path, kind):
    """As openssl reads it: scrypt of 16 MiB, eight times over."""
    make_key(tmp_path / "k", "correct horse", kind=kind)
    told = openssl("asn1parse", "-in", tmp_path / "k").decode()
    assert ":scrypt" in told
    assert "PBKDF2" not in told
    integers = [line.split(":")[-1] for line in told.splitlines() if "INTEGER" in line]
    assert integers == ["4000", "08", "08"]
    openssl("pkey", "-in", tmp_path / "k", "-passin", "pass:correct horse", "-noout")


def test_two_keys_of_one_passphrase_share_nothing_that_is_seen(tmp_path):
    for name in ("one", "two"):
        make_key(tmp_path / name, "correct horse")
    told = [openssl("asn1parse", "-in", tmp_path / name).decode() for name in ("one", "two")]
    one, two = ({line for line in each.splitlines() if "HEX" in line} for each in told)
    assert len(one) == len(two) == 3
    assert not one & two


def test_a_key_of_before_is_opened_as_it_was(tmp_path):
    """PBKDF2 of 2,048 rounds, and a passphrase that would be too short now."""
    openssl("genpkey", "-algorithm", "ed25519", "-out", tmp_path / "k")
    openssl("pkcs8", "-topk8", "-in", tmp_path / "k", "-passout", "pass:x", "-out", tmp_path / "l")
    assert b":PBKDF2" in openssl("asn1parse", "-in", tmp_path / "l")
    open_key(tmp_path / "l", read_private_key(tmp_path / "l"), "x")


@pytest.mark.parametrize("passphrase", ["", "x", "eleven char"])
def test_a_passphrase_that_is_soon_found_makes_no_key(tmp_path, passphrase):
    with pytest.raises(KeyInvalidError, match="needs 12 characters at least"):
        make_key(tmp_path / "k", passphrase)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("there", ["k", "k.pub"])
def test_no_key_is_ever_replaced(tmp_path, there):
    (tmp_path / there).write_text("somebody's")
    with pytest.raises(OutputExistsError, match="no key is ever replaced"):
        make_key(tmp_path / "k", None)
    assert [file.name for file in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "somebody's"


def test_openssl_reads_the_keys_and_calls_them_the_same(tmp_path):
    make_key(tmp_path / "k", "a passphrase")
    public = openssl("pkey", "-in", tmp_path / "k", "-passin", "pass:a passphrase", "-pubout")
    assert public == (tmp_path / "k.pub").read_bytes()


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (["ecparam", "-name", "prime256v1", "-genkey", "-noout"], "P-256"),
        (["ecparam", "-name", "secp384r1", "-genkey", "-noout"], "P-384"),
        (["ecparam", "-name", "secp521r1", "-genkey", "-noout"], "P-521"),
        (["genpkey", "-algorithm", "ed25519"], "Ed25519"),
    ],
)
def test_keys_of_openssl_are_read(tmp_path, make, kind):
    openssl(*make, "-out", tmp_path / "k")
    openssl("pkey", "-in", tmp_path / "k", "-pubout", "-out", tmp_path / "k.pub")
    (found,) = read_keys([tmp_path / "k.pub"])
    assert (found.kind, found.name) == (kind, "k.pub")
    open_key(tmp_path / "k", read_private_key(tmp_path / "k"), None)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "no public key"),
        (b"\0" * 200, "no public key"),
        (b"x" * 70_000, "too many for a key"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "a damaged public key"),
        (b"-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n", "no public key"),
        (b"-----BEGIN PUBLIC KEY-----\nA\n-----END PUBLIC KEY-----\n", "a damaged public key"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "of another kind"),
    ],
)
def test_what_is_no_key_is_refused_in_one_sentence(tmp_path, content, match):
    (tmp_path / "k.pub").write_bytes(content)
    with pytest.raises(KeyInvalidError, match=match):
        read_keys([tmp_path / "k.pub"])


def test_a_private_key_is_never_trusted(key):
    with pytest.raises(KeyInvalidError, match="belongs to whoever signs alone"):
        read_keys([key.secret])


def test_a_public_key_never_signs(key):
    with pytest.raises(KeyInvalidError, match=r"not its \.pub"):
        read_private_key(key.public)


def test_a_folder_gives_its_keys_and_passes_over_the_rest(tmp_path, key, other):
    for each in (key, other):
        (tmp_path / f"{each.public.name}").write_bytes(each.public.read_bytes())
    (tmp_path / "README.txt").write_text("whose they are")
    found = read_keys([tmp_path, key.public])
    assert sorted(each.hint for each in found) == sorted(
        each.trusted.keys[0].hint for each in (key, other)
    )


def test_a_folder_without_a_key_is_no_trust_in_everybody(tmp_path):
    with pytest.raises(KeyInvalidError, match="no public key in this folder"):
        read_keys([tmp_path])


def test_a_key_that_isnt_there_is_named(tmp_path):
    with pytest.raises(KeyInvalidError, match="no such file"):
        read_keys([tmp_path / "gone.pub"])


def test_more_keys_than_anybody_has_are_refused(tmp_path):
    for number in range(70):
        (tmp_path / f"{number}.pub").touch()
    with pytest.raises(KeyInvalidError, match="trust fewer"):
        read_keys([tmp_path])
