"""A camp on a disk that can only be read is carried away all the same."""

import contextlib
import subprocess

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.station.access.door import Door
from edge_runtime.station.camp_store import CampStore
from tests.edge_runtime.read_only_disk import on_a_read_only_disk
from tests.edge_runtime.station.papers.slips import person


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "camp" / "data"
    folder.parent.mkdir()
    with contextlib.closing(CampStore(folder)) as store:
        person(store)
    return folder


def files_in(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_backup_of_it_is_a_camp(data, tmp_path):
    before = files_in(data)
    done = on_a_read_only_disk(data, "station", "backup", tmp_path / "b.zip", "--data", data)
    assert (done.returncode, done.stderr) == (0, "")
    assert "b.zip: the camp, with 6 pictures, " in done.stdout
    assert files_in(data) == before
    arguments = ["station", "restore", str(tmp_path / "b.zip"), "--data", str(tmp_path / "again")]
    assert "a camp of 1 people and 2 photos." in CliRunner().invoke(main, arguments).output


def test_an_export_of_it_is_whole(data, tmp_path):
    done = on_a_read_only_disk(data, "station", "export", tmp_path / "out", "--data", data)
    assert done.returncode == 0, done.stderr
    subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"],  # noqa: S607
        cwd=tmp_path / "out", check=True,
    )  # fmt: skip


def test_what_a_killed_station_left_in_its_log_isnt_left_out(data, tmp_path):
    (data / "camp.sqlite-wal").write_bytes(b"what came last")
    done = on_a_read_only_disk(data, "station", "backup", tmp_path / "b.zip", "--data", data)
    assert done.returncode == 1
    assert f"{data}/camp.sqlite: can't be used: what came last is in camp.sqlite-wal" in done.stderr
    assert "copy the whole folder to a disk that can be written" in done.stderr
    assert not (tmp_path / "b.zip").exists()


def test_a_station_doesnt_begin_on_it(data, tmp_path):
    (tmp_path / "inbox").mkdir()
    Door(data)  # as a station made it that was at work there
    folders = ("--inbox", tmp_path / "inbox", "--data", data)
    done = on_a_read_only_disk(data, "station", *folders, "--port", "0")
    assert done.returncode == 1
    assert f"{data}: can't write there: read-only file system" in done.stderr


def test_what_cant_be_read_is_named_rather_than_the_stick(data, tmp_path, monkeypatch):
    picture = data / "pictures" / "000001-photo.jpg"
    picture.unlink()
    picture.mkdir()  # what anybody but root can't read is as good
    result = CliRunner().invoke(
        main, ["station", "backup", str(tmp_path / "b.zip"), "--data", str(data)]
    )
    assert result.exit_code == 1
    assert f"b.zip: can't write there: {picture}: is a directory" in result.output
