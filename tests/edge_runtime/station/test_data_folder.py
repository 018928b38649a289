"""A data folder whose store is lost is no empty camp, and one that can only be read is read."""

import contextlib
import shutil

import pytest

from edge_runtime.errors import StoreInvalidError
from edge_runtime.results.store_file import StoreGoneError
from edge_runtime.station.camp_form import FORM
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import PersonCalled, PersonOpened
from tests.edge_runtime.station.camps import added


def lost(file):
    file.unlink()


def emptied(file):
    file.write_bytes(b"")


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("lose", [lost, emptied])
@pytest.mark.parametrize("is_log_alone", [True, False])
def test_a_store_that_is_gone_or_empty_is_refused_and_what_is_left_stays(
    tmp_path, lose, is_log_alone
):
    with contextlib.closing(CampStore(tmp_path)) as store:
        picture = store.picture(added(store), "photo")
    lose(tmp_path / FORM.file)
    if is_log_alone:
        picture.unlink()
        (tmp_path / f"{FORM.file}-wal").write_bytes(b"the log of a killed station")
    before = contents(tmp_path)
    with pytest.raises(StoreInvalidError) as told:
        CampStore(tmp_path)
    how = "gone" if lose is lost else "empty"
    rest = f"what was written last ({FORM.file}-wal) is" if is_log_alone else "its pictures are"
    assert f"{FORM.file}: can't be used: it is {how}, though {rest} there" in str(told.value)
    assert "choose another --data" in str(told.value)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("made", ["", "pictures", FORM.file, f"{FORM.file}-wal"])
def test_a_camp_that_was_killed_before_its_first_photograph_opens(tmp_path, made):
    if made == "pictures":
        (tmp_path / made).mkdir()
    elif made:
        (tmp_path / made).write_bytes(b"")
    with contextlib.closing(CampStore(tmp_path)) as store:
        assert added(store) == 1


def test_a_camp_killed_while_its_first_photograph_was_written_opens(tmp_path):
    with contextlib.closing(CampStore(tmp_path)) as store:
        store.picture(1, "photo").write_bytes(b"a picture without a row")
    with contextlib.closing(CampStore(tmp_path)) as store:
        assert added(store) == 1


def test_what_is_decided_while_the_folder_is_gone_is_refused_and_goes_on_once_it_is_back(tmp_path):
    """A file that is removed while it is open takes all in, and nobody ever reads it."""
    folder, away = tmp_path / "data", tmp_path / "away"
    with contextlib.closing(CampStore(folder)) as store:
        store.happen(PersonOpened(1))
        folder.rename(away)
        for _ in range(2):
            with pytest.raises(StoreGoneError, match="it is gone"):
                store.happen(PersonCalled(1))
            folder.mkdir(exist_ok=True)
            (folder / "camp.sqlite").write_bytes(b"another one in its place")
        assert store.camp.called is None
        shutil.rmtree(folder)
        away.rename(folder)
        store.happen(PersonCalled(1))
    with contextlib.closing(CampStore(folder)) as store:
        assert store.camp.called == 1
