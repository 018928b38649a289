"""A key takes another's place by a statement that the old one signed."""

import json
import shutil

import pytest

from edge_runtime.contract import SIGNATURE
from edge_runtime.errors import OutputExistsError, StoreInvalidError
from edge_runtime.trust.errors import BundleUntrustedError, NoticeInvalidError
from edge_runtime.trust.make_notice import revoke, rotate_key
from edge_runtime.trust.remembered import read_notices, recall_standing
from edge_runtime.trust.sign import sign_folder
from edge_runtime.trust.verify import verify_folder
from tests.edge_runtime.trust.about_keys import DAY, counts, public, rotated, trusted_by
from tests.edge_runtime.trust.test_flips import BITS


@pytest.fixture
def rotation(tmp_path, key, other):
    """A file by which ``other`` takes the place of ``key``."""
    return rotated(tmp_path / "other.trust", key, other)


def test_the_new_key_counts_and_the_old_one_no_more(folder, key, other, rotation, states):
    assert not counts(folder, other, key.trusted)
    trusted = trusted_by([key], [rotation], states)
    assert counts(folder, other, trusted)
    sign_folder(folder, key.private, replace=True)
    with pytest.raises(BundleUntrustedError, match=r"whose place the key \w+ \(other\.pub\) took"):
        verify_folder(folder, trusted)


def test_it_is_remembered_when_the_file_is_gone(folder, key, other, rotation, states):
    trusted_by([key], [rotation], states)
    trusted = trusted_by([key], [], states)
    assert counts(folder, other, trusted)
    assert not counts(folder, key, trusted)


def test_both_keys_count_where_it_says_so(folder, key, other, states, tmp_path):
    file = rotated(tmp_path / "both.trust", key, other, keeps=True)
    trusted = trusted_by([key], [file], states)
    assert counts(folder, other, trusted)
    assert counts(folder, key, trusted)


def test_each_key_counts_for_its_releases(folder, key, other, states, tmp_path):
    file = rotated(tmp_path / "later.trust", key, other, since=4)
    trusted = trusted_by([key], [file], states)
    found = {
        release: (counts(folder, key, trusted, release), counts(folder, other, trusted, release))
        for release in (0, 3, 4, 5)
    }
    old, new = (True, False), (False, True)
    assert found == {0: old, 3: old, 4: new, 5: new}


def test_keys_are_replaced_one_after_the_other(folder, key, other, third, rotation, states):
    """In whatever order the files are read."""
    last = rotated(rotation.with_name("a.trust"), other, third)
    for files in ([last, rotation], [rotation, last]):
        states.unlink(missing_ok=True)
        trusted = trusted_by([key], files, states)
        found = [counts(folder, each, trusted) for each in (key, other, third)]
        assert found == [False, False, True]
        assert counts(folder, third, trusted_by([key], [], states))


def test_two_keys_of_one_line_are_one_voter(folder, key, other, third, states, tmp_path):
    """Whoever has a key could otherwise announce as many as are asked for."""
    file = rotated(tmp_path / "both.trust", key, other, keeps=True)
    trusted = trusted_by([key, third], [file], states, threshold=2)
    sign_folder(folder, key.private, replace=True)
    sign_folder(folder, other.private)
    with pytest.raises(BundleUntrustedError, match="and 1 did"):
        verify_folder(folder, trusted)
    sign_folder(folder, third.private)
    verify_folder(folder, trusted)


def test_a_key_that_two_announce_is_one_voter(folder, key, other, third, states, tmp_path):
    files = [
        rotated(tmp_path / "a.trust", key, third),
        rotated(tmp_path / "b.trust", other, third),
    ]
    trusted = trusted_by([key, other], files, states, threshold=2)
    sign_folder(folder, third.private, replace=True)
    shutil.copyfile(folder / SIGNATURE, folder / f"{SIGNATURE}.2")
    with pytest.raises(BundleUntrustedError, match="and 1 did"):
        verify_folder(folder, trusted)


def test_a_statement_of_a_key_that_isnt_trusted_does_nothing(key, other, third, states, tmp_path):
    file = rotated(tmp_path / "x.trust", third, other)
    standing = trusted_by([key], [file], states).standing
    assert [voter.key.hint for voter in standing.voters] == [public(key).hint]
    assert "isn't taken: the key" in standing.cautions[0]
    assert not states.exists()


def test_a_statement_that_names_a_trusted_key_as_its_signer_is_refused(
    key, other, third, states, tmp_path
):
    file = rotated(tmp_path / "x.trust", third, other)
    file.write_text(file.read_text().replace(public(third).hint, public(key).hint))
    with pytest.raises(NoticeInvalidError, match="as it says, or was changed"):
        trusted_by([key], [file], states)


def test_a_key_speaks_for_itself_alone(key, other, third, states, tmp_path):
    """One of two trusted keys can't replace the other."""
    from edge_runtime.trust.envelope import Envelope, write_envelope
    from edge_runtime.trust.notice import Rotation, write_rotation
    from edge_runtime.trust.private_keys import signature_of

    payload = write_rotation(Rotation(public(other).hint, public(third), signed=DAY))
    envelope = Envelope(payload, signature_of(key.private, payload), public(key).hint)
    file = tmp_path / "x.trust"
    file.write_bytes(write_envelope(envelope))
    with pytest.raises(NoticeInvalidError, match="replaces another key than the one that signed"):
        trusted_by([key, other], [file], states)


def test_an_old_statement_again_does_nothing(folder, key, other, third, rotation, states):
    last = rotated(rotation.with_name("a.trust"), other, third)
    trusted_by([key], [rotation, last], states)
    before = states.read_bytes()
    trusted = trusted_by([key], [rotation], states)
    assert states.read_bytes() == before
    assert [counts(folder, each, trusted) for each in (key, other, third)] == [False, False, True]


def test_a_second_statement_for_another_key_isnt_taken(
    folder, key, other, third, rotation, states, tmp_path
):
    """As a thief of the old key makes one; if both come at once nobody can tell which is true."""
    thiefs = rotated(tmp_path / "thief.trust", key, third)
    trusted_by([key], [rotation], states)
    trusted = trusted_by([key], [thiefs], states)
    assert "isn't taken: the key" in trusted.standing.cautions[0]
    assert not counts(folder, third, trusted)
    with pytest.raises(NoticeInvalidError, match="find out which of them is true"):
        trusted_by([key], [rotation, thiefs], tmp_path / "fresh" / "keys.json")


def test_keys_that_replace_each_other_end_and_nobody_is_trusted(
    folder, key, other, rotation, states
):
    back = rotated(rotation.with_name("back.trust"), other, key)
    trusted = trusted_by([key], [rotation, back], states)
    assert [counts(folder, each, trusted) for each in (key, other)] == [False, False]


@pytest.mark.parametrize("was_taken_before", [False, True])
def test_a_revoked_key_replaces_nothing(
    folder, key, other, third, rotation, states, tmp_path, was_taken_before
):
    """Nor does what it said before count: a thief may have been there first."""
    listed = tmp_path / "list.trust"
    revoke(listed, {public(key).hint: "key"}, third.private, day=DAY)
    if was_taken_before:
        trusted_by([key, third], [rotation], states)
    trusted = trusted_by([key, third], [rotation, listed], states)
    assert [counts(folder, each, trusted) for each in (key, other, third)] == [False, False, True]
    trusted = trusted_by([key, third], [rotation], states)
    assert not counts(folder, other, trusted)


def test_a_new_key_outlives_that_it_revokes_the_old_one(
    folder, key, other, rotation, states, tmp_path
):
    listed = tmp_path / "list.trust"
    revoke(listed, {public(key).hint: "key"}, other.private, day=DAY)
    trusted = trusted_by([key], [listed, rotation], states)
    assert [counts(folder, each, trusted) for each in (key, other)] == [False, True]


def test_no_bit_of_a_statement_can_be_another(key, other, rotation, states):
    """Each flip is refused, or makes it a statement of a key that nobody trusts."""
    whole, keys = rotation.read_bytes(), (public(key),)
    for at, byte in enumerate(whole):
        for flip in BITS[at % 8 :: 8]:
            rotation.write_bytes(whole[:at] + bytes([byte ^ flip]) + whole[at + 1 :])
            try:
                standing = recall_standing(keys, read_notices([rotation]), None)
            except NoticeInvalidError:
                continue
            assert len(standing.voters) == 1, (at, flip)
    rotation.write_bytes(whole)
    assert len(recall_standing(keys, read_notices([rotation]), None).voters) == 2


def test_who_can_write_what_is_remembered_makes_nobody_trusted(
    folder, key, other, third, rotation, states, tmp_path
):
    trusted_by([key], [rotation], states)
    thiefs = rotated(tmp_path / "thief.trust", third, third._replace(trusted=other.trusted))
    found = json.loads(states.read_text())
    found["rotations"] = [thiefs.read_text()]
    states.write_text(json.dumps(found))
    trusted = trusted_by([key], [], states)
    assert [counts(folder, each, trusted) for each in (key, other, third)] == [True, False, False]
    found["rotations"] = [rotation.read_text().replace('"sig":"M', '"sig":"N')]
    states.write_text(json.dumps(found))
    with pytest.raises(StoreInvalidError, match=r"keys\.json: can't be used"):
        trusted_by([key], [], states)


def test_a_new_key_that_is_no_point_of_its_curve_is_refused(key, other, states, tmp_path):
    """Or it would stand in the way of every bundle that somebody else signed."""
    from msgspec.structs import replace

    from edge_runtime.trust.public_keys import der_of, public_key

    found = public(other)
    damaged = public_key(der_of(replace(found, raw=found.raw[:-1] + b"\0")), "x")
    file = tmp_path / "x.trust"
    rotate_key(file, damaged, key.private, day=DAY)
    with pytest.raises(NoticeInvalidError, match="names a new key that is damaged"):
        trusted_by([key], [file], states)


def test_no_statement_is_written_over(key, third, rotation):
    with pytest.raises(OutputExistsError, match="no such statement is ever replaced"):
        rotated(rotation, key, third)
    with pytest.raises(NoticeInvalidError, match="the new key is the old one"):
        rotated(rotation.with_name("same.trust"), key, key)
