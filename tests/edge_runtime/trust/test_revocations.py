"""What was revoked by a list on a stick is refused, also when the list is gone."""

import json
import threading

import pytest

from edge_runtime import load_bundle
from edge_runtime.contract import DEFAULT_IDENTITY, MANIFEST
from edge_runtime.errors import OutputFailedError, StoreInvalidError
from edge_runtime.trust import memory_file
from edge_runtime.trust.errors import BundleUntrustedError, NoticeInvalidError
from edge_runtime.trust.make_notice import revoke
from edge_runtime.trust.notice import MOST_REVOKED
from edge_runtime.trust.remembered import read_notices, recall_standing
from edge_runtime.trust.sign import sign_folder
from edge_runtime.trust.verify import verify_folder
from tests.edge_runtime.trust.about_keys import (
    DAY,
    counts,
    public,
    rotated,
    trusted_by,
)
from tests.edge_runtime.trust.conftest import signer

BUNDLE = "ab" * 32


def listed(file, by, *digests, number=0):
    revoke(file, dict.fromkeys(digests, "x"), by.private, day=DAY, number=number)
    return file


def test_a_revoked_key_is_refused_also_when_the_list_is_gone(folder, key, other, states, tmp_path):
    file = listed(tmp_path / "list.trust", other, public(key).hint)
    assert counts(folder, key, trusted_by([key, other], [], states))
    for files in ([file], []):
        trusted = trusted_by([key, other], files, states)
        sign_folder(folder, key.private, replace=True)
        with pytest.raises(BundleUntrustedError, match="signed it, and is revoked"):
            verify_folder(folder, trusted)
        assert counts(folder, other, trusted)


def test_a_revoked_bundle_is_refused_also_when_the_list_is_gone(bundle, key, states, tmp_path):
    sign_folder(bundle, key.private)
    identity = load_bundle(bundle, trusted=trusted_by([key], [], states)).identity
    file = listed(tmp_path / "list.trust", key, identity)
    for files in ([file], []):
        with pytest.raises(BundleUntrustedError, match="it was revoked"):
            load_bundle(bundle, trusted=trusted_by([key], files, states))


def test_the_bundle_in_the_package_can_be_revoked_too(key, states, tmp_path):
    file = listed(tmp_path / "list.trust", key, DEFAULT_IDENTITY)
    load_bundle(trusted=trusted_by([key], [], states))
    with pytest.raises(BundleUntrustedError, match="it was revoked"):
        load_bundle(trusted=trusted_by([key], [file], states))


def test_an_older_list_that_says_nothing_new_is_told(key, other, states, tmp_path):
    old = listed(tmp_path / "old.trust", other, BUNDLE, number=3)
    new = listed(tmp_path / "new.trust", other, BUNDLE, public(key).hint, number=5)
    trusted_by([key, other], [new], states)
    standing = trusted_by([key, other], [old], states).standing
    (said,) = standing.cautions
    assert "old.trust says nothing new: it is list 3 of the key" in said
    assert "this device knows list 5" in said
    assert standing.revoked == {public(key).hint, BUNDLE}
    assert trusted_by([key, other], [old, new], states).standing.cautions == ()


@pytest.mark.parametrize("number", [1, 2])
def test_two_lists_of_one_key_that_dont_know_each_other_add_up_in_any_order(
    key, other, states, tmp_path, number
):
    """As where the key makes a second one on another computer, which begins with number 1."""
    one = listed(tmp_path / "a.trust", other, public(key).hint, number=number)
    two = listed(tmp_path / "b.trust", other, BUNDLE)
    for turns in ([[one], [two]], [[two], [one]], [[one, two]], [[one], [one, two]]):
        states.unlink(missing_ok=True)
        found = [trusted_by([key, other], files, states).standing for files in turns]
        assert found[-1].revoked == {public(key).hint, BUNDLE}
        kept = trusted_by([key, other], [], states).standing
        assert kept.revoked == found[-1].revoked
        assert kept.lists[public(other).hint].number == number


def test_a_list_of_no_higher_number_that_revokes_something_new_is_told_once(
    key, other, states, tmp_path
):
    one = listed(tmp_path / "a.trust", other, public(key).hint, number=2)
    two = listed(tmp_path / "b.trust", other, BUNDLE, "cd" * 32)
    trusted_by([key, other], [one], states)
    (said,) = trusted_by([key, other], [one, two], states).standing.cautions
    assert "b.trust is list 1 of the key" in said
    assert "revokes what its list 2 doesn't (abababababababab and 1 more)" in said
    assert "all that either revokes is refused" in said
    assert trusted_by([key, other], [one, two], states).standing.cautions == ()
    states.unlink()
    assert trusted_by([key, other], [one, two], states).standing.cautions == (said,)


def test_no_bit_of_a_list_can_be_another(key, other, tmp_path):
    file = listed(tmp_path / "a.trust", other, public(key).hint)
    whole, keys = file.read_bytes(), (public(key), public(other))
    for at, byte in enumerate(whole):
        file.write_bytes(whole[:at] + bytes([byte ^ (1 << at % 8)]) + whole[at + 1 :])
        try:
            standing = recall_standing(keys, read_notices([file]), None)
        except NoticeInvalidError:
            continue
        assert standing.cautions, at
    file.write_bytes(whole)
    assert recall_standing(keys, read_notices([file]), None).revoked == {public(key).hint}


def test_a_newer_list_that_leaves_something_out_revives_nothing(key, other, states, tmp_path):
    trusted_by([other], [listed(tmp_path / "a.trust", other, public(key).hint)], states)
    newer = listed(tmp_path / "b.trust", other, BUNDLE, number=2)
    assert trusted_by([other], [newer], states).standing.revoked == {public(key).hint, BUNDLE}


def test_lists_of_two_keys_dont_stand_in_each_others_way(key, other, states, tmp_path):
    """A thief's list with a high number would otherwise keep out the one that revokes the thief."""
    thiefs = listed(tmp_path / "a.trust", key, BUNDLE, number=999_999_999)
    trusted_by([key, other], [thiefs], states)
    true = listed(tmp_path / "b.trust", other, public(key).hint)
    assert public(key).hint in trusted_by([key, other], [true], states).standing.revoked


def test_who_was_revoked_can_still_only_take_trust_away(folder, key, other, states, tmp_path):
    """Two that revoke each other are both out, in whatever order their lists come."""
    one = listed(tmp_path / "a.trust", key, public(other).hint)
    two = listed(tmp_path / "b.trust", other, public(key).hint)
    for order in ([one, two], [two, one]):
        states.unlink(missing_ok=True)
        for file in order:
            trusted = trusted_by([key, other], [file], states)
        assert [counts(folder, each, trusted) for each in (key, other)] == [False, False]


def test_a_list_of_a_stranger_revokes_nothing(folder, key, third, states, tmp_path):
    file = listed(tmp_path / "a.trust", third, public(key).hint)
    trusted = trusted_by([key], [file], states)
    assert "isn't trusted here" in trusted.standing.cautions[0]
    assert counts(folder, key, trusted)


def test_what_a_revoked_key_announced_is_gone_too(folder, key, other, third, states, tmp_path):
    """Down the whole line: the thief's key, and the thief's next one."""
    files = [
        rotated(tmp_path / "a.trust", key, other, keeps=True),
        rotated(tmp_path / "b.trust", other, third, keeps=True),
    ]
    safe = signer(tmp_path / "safe")
    trusted_by([key, safe], files, states)
    file = listed(tmp_path / "list.trust", safe, public(key).hint)
    trusted = trusted_by([key, safe], [file], states)
    found = [counts(folder, each, trusted) for each in (key, other, third, safe)]
    assert found == [False, False, False, True]


def test_what_was_revoked_stays_so_when_who_did_is_trusted_no_more(
    folder, key, other, states, tmp_path
):
    trusted_by([key, other], [listed(tmp_path / "a.trust", other, public(key).hint)], states)
    assert not counts(folder, key, trusted_by([key], [], states))


def test_a_list_grows_and_its_number_rises(key, other, tmp_path):
    file = listed(tmp_path / "a.trust", key, BUNDLE)
    made = revoke(file, {public(other).hint: "key"}, key.private, day=DAY)
    assert (made.number, set(made.revoked)) == (2, {BUNDLE, public(other).hint})
    with pytest.raises(
        NoticeInvalidError, match="it is list 2, and the next one needs a higher number"
    ):
        revoke(file, {BUNDLE: "x"}, key.private, day=DAY, number=2)
    with pytest.raises(NoticeInvalidError, match="isn't signed by this key"):
        revoke(file, {BUNDLE: "x"}, other.private, day=DAY)
    rotation = rotated(tmp_path / "b.trust", key, other)
    with pytest.raises(NoticeInvalidError, match="is no list"):
        revoke(rotation, {BUNDLE: "x"}, key.private, day=DAY)


def test_a_list_is_as_long_as_a_device_takes(key, tmp_path):
    many = {f"{number:064x}": "x" for number in range(MOST_REVOKED)}
    file = tmp_path / "a.trust"
    revoke(file, many, key.private, day=DAY)
    found = recall_standing((public(key),), read_notices([file]), None)
    assert len(found.revoked) == MOST_REVOKED
    with pytest.raises(ValueError, match=f"revokes {MOST_REVOKED + 1} keys"):
        revoke(file, {BUNDLE: "x"}, key.private, day=DAY)
    assert recall_standing((public(key),), read_notices([file]), None).revoked == found.revoked


def test_the_clock_changes_nothing_of_it(folder, key, other, states, tmp_path):
    """A list from the year 9999 or 1970 is a list: no day of it is compared with anything."""
    for number, day in ((1, "9999-12-31"), (2, "1970-01-01")):
        file = tmp_path / f"{number}.trust"
        digest = {public(key).hint if number == 2 else BUNDLE: "x"}
        revoke(file, digest, other.private, day=day, number=number)
        trusted = trusted_by([key, other], [file], states)
    assert trusted.standing.revoked == {BUNDLE, public(key).hint}


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}", '{"schema": 2}', '{"schema": 1, "revoked": []}', '{"schema": 1, "more": 1}',
        '{"schema": 1, "revoked": {"x": {"number": 1, "revoked": []}}}',
        '{"schema": 1, "rotations": ["x"]}', '{"schema": 1, "rotations": [1]}', "[" * 100_000,
    ],
)  # fmt: skip
def test_a_damaged_memory_of_keys_is_no_empty_one(key, states, content):
    states.parent.mkdir()
    states.write_text(content)
    with pytest.raises(StoreInvalidError, match=r"keys\.json: can't be used: ") as caught:
        trusted_by([key], [], states)
    assert len(str(caught.value).splitlines()) == 1
    assert states.read_text() == content


def test_what_cant_be_remembered_isnt_taken(key, other, states, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(memory_file, "replacing", full)
    file = listed(tmp_path / "a.trust", other, public(key).hint)
    with pytest.raises(OutputFailedError, match="no space left"):
        trusted_by([key, other], [file], states)
    trusted_by([key, other], [], states)


def test_processes_that_learn_at_once_lose_nothing(states, tmp_path):
    signers = [signer(tmp_path / f"key {number}") for number in range(8)]
    for number, each in enumerate(signers):
        listed(tmp_path / f"{number}.trust", each, f"{number:064x}")

    def learn(number):
        trusted_by(signers, [tmp_path / f"{number}.trust"], states)

    threads = [threading.Thread(target=learn, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    kept = json.loads(states.read_text())["revoked"]
    found = {by: each["revoked"] for by, each in kept.items()}
    assert found == {public(each).hint: [f"{at:064x}"] for at, each in enumerate(signers)}


def test_a_bundle_that_says_the_same_in_other_bytes_needs_another_signature(
    bundle, key, states, tmp_path
):
    """So nobody revives a revoked bundle by a blank in its manifest."""
    sign_folder(bundle, key.private)
    with (bundle / MANIFEST).open("a") as stream:
        stream.write("\n")
    with pytest.raises(BundleUntrustedError, match="isn't what was signed"):
        load_bundle(bundle, trusted=trusted_by([key], [], states))
