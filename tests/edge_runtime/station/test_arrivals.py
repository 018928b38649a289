"""What an inbox is found to hold, however its files came."""

import hashlib
import os
import shutil
from pathlib import Path

from edge_runtime.photo.find import stamp_of
from edge_runtime.station.arrivals import GIVEN_UP, SETTLED, Arrivals
from tests.edge_runtime.station.camps import Clock

PHOTO = b"\xff\xd8 a photograph"


def settled(arrivals, *, after_s=SETTLED, finish=True):
    """Look once, wait, and give what is there to its end, in order; say that it is done."""
    [*arrivals.sweep()]
    return later(arrivals, after_s=after_s, finish=finish)


def later(arrivals, *, after_s=SETTLED, finish=True):
    arrivals.clock.wait(after_s)
    found = [*arrivals.sweep()]
    for each in found if finish else ():
        arrivals.finish(each)
    return [str(each.path) for each in found]


def test_a_copied_file_is_given_once_it_has_settled_and_never_again(arrivals, inbox):
    (inbox / "a.jpg").write_bytes(PHOTO)
    assert [*arrivals.sweep()] == []
    arrivals.clock.wait(SETTLED - 0.01)
    assert [*arrivals.sweep()] == []
    assert list(arrivals.still_coming()) == [Path("a.jpg")]
    arrivals.clock.wait(0.01)
    (found,) = arrivals.sweep()
    assert found.path == Path("a.jpg")
    assert found.sha256 == hashlib.sha256(PHOTO).hexdigest()
    assert found.stamp == stamp_of(inbox / "a.jpg")
    assert not found.is_last_try
    arrivals.finish(found)
    assert (settled(arrivals, after_s=100), arrivals.still_coming()) == ([], ())


def test_a_file_renamed_into_place_is_given_by_its_last_name(arrivals, inbox):
    (inbox / "a.jpg.part").write_bytes(PHOTO)
    assert settled(arrivals) == []
    assert (arrivals.still_coming(), arrivals.unread) == ((), ())
    (inbox / "a.jpg.part").rename(inbox / "a.jpg")
    assert settled(arrivals) == ["a.jpg"]


def test_a_file_is_given_again_only_when_it_has_changed(arrivals, inbox):
    (inbox / "a.jpg").write_bytes(PHOTO)
    assert settled(arrivals, finish=False) == ["a.jpg"]
    assert later(arrivals, finish=False) == []
    with (inbox / "a.jpg").open("ab") as file:
        file.write(b" and its rest")
    assert later(arrivals, finish=False) == []
    assert later(arrivals) == ["a.jpg"]


def test_a_file_that_grows_for_a_minute_is_given_at_each_pause_and_never_as_the_last_try(
    arrivals, inbox
):
    tries = []
    for _ in range(75):
        with (inbox / "a.jpg").open("ab") as file:
            file.write(b"x" * 8000)
        [*arrivals.sweep()]
        arrivals.clock.wait(0.8)  # longer than SETTLED: as if it were whole
        tries += arrivals.sweep()
    assert len({each.sha256 for each in tries}) == len(tries) == 75
    assert not any(each.is_last_try for each in tries)


def test_what_is_not_whole_after_a_long_time_is_given_once_more_for_the_last_time(arrivals, inbox):
    (inbox / "a.jpg").write_bytes(PHOTO[:7])
    assert settled(arrivals, finish=False) == ["a.jpg"]
    arrivals.clock.wait(GIVEN_UP)
    (found,) = arrivals.sweep()
    assert found.is_last_try
    assert settled(arrivals, after_s=GIVEN_UP) == []


def test_what_was_not_seen_to_is_given_by_the_next_sweep(arrivals, inbox):
    (inbox / "a.jpg").write_bytes(PHOTO)
    [*arrivals.sweep()]
    for wait in (SETTLED, 0, GIVEN_UP, 0):
        arrivals.clock.wait(wait)
        (found,) = arrivals.sweep()
        arrivals.again(found)
    (inbox / "a.jpg").unlink()
    assert [*arrivals.sweep()] == []
    arrivals.again(found)  # gone meanwhile
    assert arrivals.still_coming() == ()


def test_an_empty_file_is_given_only_when_it_is_given_up_and_again_when_it_fills(arrivals, inbox):
    (inbox / "a.jpg").touch()
    assert settled(arrivals) == []
    arrivals.clock.wait(GIVEN_UP)
    (found,) = arrivals.sweep()
    assert found.is_last_try
    arrivals.finish(found)
    assert settled(arrivals) == []
    (inbox / "a.jpg").write_bytes(PHOTO)
    assert settled(arrivals) == ["a.jpg"]


def test_a_pipe_by_a_photographs_name_stops_nobody(arrivals, inbox):
    os.mkfifo(inbox / "a.jpg")
    (inbox / "b.jpg").write_bytes(PHOTO)
    assert settled(arrivals) == ["b.jpg"]
    assert later(arrivals, after_s=GIVEN_UP) == ["a.jpg"]  # whoever reads it says what it is


def test_a_locked_file_is_waited_for_however_long_that_takes(arrivals, inbox, monkeypatch):
    (inbox / "a.jpg").write_bytes(PHOTO)
    (inbox / "b.jpg").write_bytes(PHOTO)
    opened = Path.open

    def refuse(path, *arguments, **options):
        if path.name == "a.jpg":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        assert settled(arrivals) == ["b.jpg"]
        assert arrivals.refused() == {}
        assert later(arrivals, after_s=GIVEN_UP) == []
        assert later(arrivals, after_s=GIVEN_UP) == []
        assert arrivals.still_coming() == (Path("a.jpg"),)
        why = "permission denied; change the file's permissions or its owner"
        assert arrivals.refused() == {Path("a.jpg"): why}
    assert later(arrivals) == ["a.jpg"]
    assert arrivals.refused() == {}


def test_a_file_that_changes_while_it_is_read_is_not_given(arrivals, inbox, monkeypatch):
    (inbox / "a.jpg").write_bytes(PHOTO)
    from edge_runtime.station import arrivals as module

    read = module.sha256_of

    def growing(file, size_bytes):
        with file.open("ab") as stream:
            stream.write(b"more")
        return read(file, size_bytes)

    with monkeypatch.context() as patch:
        patch.setattr(module, "sha256_of", growing)
        assert settled(arrivals) == []
    assert later(arrivals) == []
    assert later(arrivals) == ["a.jpg"]


def test_a_renamed_file_is_given_by_its_new_name_and_a_rewritten_one_again(arrivals, inbox):
    (inbox / "a.jpg").write_bytes(PHOTO)
    assert settled(arrivals) == ["a.jpg"]
    (inbox / "a.jpg").rename(inbox / "b.jpg")
    assert settled(arrivals) == ["b.jpg"]
    (inbox / "b.jpg").write_bytes(PHOTO[::-1])  # as many bytes
    assert settled(arrivals) == ["b.jpg"]


def test_a_file_that_goes_away_is_waited_for_no_more(arrivals, inbox):
    (inbox / "a.jpg").write_bytes(PHOTO)
    [*arrivals.sweep()]
    (inbox / "a.jpg").unlink()
    assert later(arrivals) == []
    assert arrivals.still_coming() == ()


def test_a_file_that_goes_away_while_others_are_seen_to_is_passed_over(arrivals, inbox):
    for name in ("a.jpg", "b.jpg"):
        (inbox / name).write_bytes(PHOTO)
    [*arrivals.sweep()]
    arrivals.clock.wait(SETTLED)
    coming = arrivals.sweep()
    (inbox / "b.jpg").unlink(), (inbox / "a.jpg").unlink()
    assert [*coming] == []


def test_a_burst_of_five_hundred_in_subfolders_comes_whole_the_oldest_first(arrivals, inbox):
    names = [f"{number // 100}/{number:03}.jpg" for number in range(500)]
    for number, name in enumerate(names):
        (inbox / name).parent.mkdir(exist_ok=True)
        (inbox / name).write_bytes(b"%d" % number)
        os.utime(inbox / name, ns=(10**18, 10**18 - number))
    assert settled(arrivals) == names[::-1]


def test_what_was_seen_before_a_restart_is_not_given_again(arrivals, inbox):
    (inbox / "a.jpg").write_bytes(PHOTO)
    assert settled(arrivals) == ["a.jpg"]
    again = Arrivals(inbox, done=dict(arrivals.done), clock=Clock())
    assert settled(again, after_s=GIVEN_UP) == []


def test_a_copied_folder_with_everything_in_it_comes_too(arrivals, inbox, tmp_path):
    (tmp_path / "card" / "DCIM" / "100CANON").mkdir(parents=True)
    (tmp_path / "card" / "DCIM" / "100CANON" / "IMG_1.JPG").write_bytes(PHOTO)
    shutil.copytree(tmp_path / "card", inbox / "card")
    assert settled(arrivals) == ["card/DCIM/100CANON/IMG_1.JPG"]
