"""A log has one key from its begin to its end: who puts another one in its middle is found."""

import shutil

import pytest
from msgspec.structs import replace

from edge_runtime.tlog.checkpoint import read_checkpoint
from edge_runtime.tlog.entry import Thing
from edge_runtime.tlog.errors import LogInvalidError
from edge_runtime.tlog.examine import examine, read_public_key
from edge_runtime.tlog.key import PUBLIC_KEY, make_key, read_key
from edge_runtime.tlog.records import check_records
from edge_runtime.tlog.writer import Log
from tests.edge_runtime.tlog.conftest import contents


@pytest.fixture
def kept(log, tmp_path):
    """The log's checkpoint and public key, as somebody keeps them."""
    shutil.copy(log / PUBLIC_KEY, tmp_path / "kept.pub")
    return read_checkpoint(log), read_public_key(tmp_path / "kept.pub")


def take_over(log):
    """Put a new key into a log, sign its tree with it, and go on."""
    key = make_key(log)
    with_old = read_checkpoint(log)
    from edge_runtime.tlog.stored import StoredLog

    note = key.sign_tree(with_old.size, StoredLog(log).subtree)
    (log / "checkpoint").write_bytes(note.to_bytes())
    with Log(log) as opened:
        opened.append(Thing("photo", b"new"))
    return key


def test_a_log_isnt_gone_on_with_by_another_key_as_long_as_its_checkpoint_has_its_name(log):
    make_key(log)
    with pytest.raises(LogInvalidError, match="its key isn't that of its checkpoint"):
        Log(log)


def test_a_log_that_another_key_went_on_with_is_found_by_its_public_key_and_by_what_was_kept(
    log, kept
):
    checkpoint, public = kept
    key = take_over(log)
    (said,) = examine(log).findings
    assert "wasn't signed by the log's key" in said
    (log / PUBLIC_KEY).write_text(f"{key.public().text}\n")
    assert examine(log).findings == ()
    assert (
        "another log lies here, or this one was written anew with another key"
        in (examine(log, [checkpoint]).findings[0])
    )
    assert examine(log, (), public).findings
    told = replace(checkpoint, origin="")  # a slip has no name: all before it is as it was
    assert examine(log, [told]).findings == ()


def test_records_of_before_another_key_fit_no_entry_any_more(log, kept):
    key = take_over(log)
    named = {key.commit(each)[0].hex(): f"photo {at}" for at, each in enumerate(contents(340))}
    entries = examine(log).entries
    findings, _ = check_records(entries, named, run="")
    assert any("341 records deleted or changed" in each for each in findings)
    assert any("340 records put there or changed" in each for each in findings)


def test_what_an_old_key_signed_later_is_no_checkpoint_of_the_new_ones_log(log, kept, tmp_path):
    shutil.copytree(log, tmp_path / "stolen")
    with Log(tmp_path / "stolen") as opened:
        opened.append(Thing("photo", b"another"))
    with Log(log) as opened:
        opened.append(Thing("photo", b"new"))
    assert read_key(log) == read_key(tmp_path / "stolen")
    (said,) = examine(log, [read_checkpoint(tmp_path / "stolen")]).findings
    assert "doesn't fit: the first 342 entries aren't those" in said
