"""Export, backup and restore as commands, while a station is at work and while none is."""

import contextlib
import errno
import http.client
import http.server
import socket
import subprocess
import sys
import threading
import urllib.request
import zipfile
from contextlib import closing

import pytest
from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.station import at_work, parcel
from edge_runtime.station.camp_store import CampStore
from edge_runtime.system import files
from tests.conftest import ROOT
from tests.edge_runtime.station.papers.slips import person
from tests.edge_runtime.station.web.browsing import STATION, station, take
from tests.edge_runtime.station.web.served import served


def run(*arguments):
    return CliRunner().invoke(main, ["station", *map(str, arguments)])


def iter_of(pieces):
    yield from pieces


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def camp_in(folder):
    store = CampStore(folder)
    try:
        return store.camp
    finally:
        store.close()


@pytest.fixture
def data(tmp_path):
    """Give a data folder that no station has open."""
    (tmp_path / "camp").mkdir()
    store = CampStore(tmp_path / "camp" / "data")
    person(store)
    store.close()
    return tmp_path / "camp" / "data"


@pytest.fixture
def served_station(tmp_path):
    (tmp_path / "camp").mkdir()
    with served(tmp_path / "camp") as client:
        person(client.station.store)
        at_work.say_where(tmp_path / "camp" / "data", f"http://127.0.0.1:{client.port}/")
        yield client.station


@pytest.fixture
def at_work_on(served_station):
    """Give one that a station has open."""
    return served_station.store.folder


@pytest.mark.parametrize("whose", ["data", "at_work_on"])
def test_a_camp_is_exported_backed_up_and_restored(whose, tmp_path, request):
    folder = request.getfixturevalue(whose)
    result = run("export", tmp_path / "stick", "--data", folder, "--language", "es")
    assert result.exit_code == 0, result.output
    assert "stick: 1 person. Check it with: sha256sum -c SHA256SUMS" in result.output
    subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"],  # noqa: S607
        cwd=tmp_path / "stick", check=True,
    )  # fmt: skip
    assert "0001-K-17/slip.pdf" in names(tmp_path / "stick")
    assert "CAMPAMENTO" in (tmp_path / "stick" / "README.txt").read_text("utf-8")
    result = run("backup", tmp_path / "b.zip", "--data", folder)
    assert result.exit_code == 0, result.output
    assert "b.zip: the camp, with 6 pictures, " in result.output
    result = run("restore", tmp_path / "b.zip", "--data", tmp_path / "again")
    assert result.exit_code == 0, result.output
    assert "again: a camp of 1 people and 2 photos." in result.output
    camp = camp_in(tmp_path / "again")
    assert camp.people[1].given_id == "K-17"
    before, after = folder / "pictures", tmp_path / "again" / "pictures"
    assert {each.name: each.read_bytes() for each in before.iterdir()} == {
        each.name: each.read_bytes() for each in after.iterdir()
    }
    assert [each.name for each in tmp_path.glob(".*")] == []
    assert [each.name for each in folder.glob(".*")] == []


@pytest.mark.parametrize("whose", ["data", "at_work_on"])
def test_nothing_is_written_over(whose, tmp_path, request):
    folder = request.getfixturevalue(whose)
    (tmp_path / "x").write_text("mine")
    for command in ("export", "backup"):
        result = run(command, tmp_path / "x", "--data", folder)
        assert result.exit_code == 1
        assert "already exists; choose another" in result.output
    assert (tmp_path / "x").read_text() == "mine"


@pytest.mark.parametrize("command", ["export", "backup"])
@pytest.mark.parametrize("whose", ["data", "at_work_on"])
def test_a_stick_that_is_full_or_gone_leaves_a_sentence_and_nothing_that_looks_whole(
    whose, command, tmp_path, request, monkeypatch
):
    folder = request.getfixturevalue(whose)
    stick = tmp_path / "stick"
    stick.mkdir()
    real = files.partial_of

    def refuse(path):
        if stick in path.parents and (command == "backup" or path.name == "slip.pdf"):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return real(path)

    monkeypatch.setattr(files, "partial_of", refuse)
    result = run(command, stick / "out", "--data", folder)
    assert result.exit_code == 1
    assert "stick/out: can't write there: no space left on device" in result.output
    assert "Traceback" not in result.output
    assert [*stick.iterdir()] == []
    assert [each.name for each in folder.glob(".*")] == []


@pytest.mark.parametrize("record", ["'{\"secret\": 1}'", "cast(x'736563726574ff' AS TEXT)"])
@pytest.mark.parametrize("whose", ["data", "at_work_on"])
def test_a_damaged_record_leaves_out_one_report_and_says_so_without_a_word_of_it(
    whose, record, tmp_path, request
):
    folder = request.getfixturevalue(whose)
    if whose == "data":
        with closing(CampStore(folder)) as store:
            damage(store, record)
    else:
        damage(request.getfixturevalue("served_station").store, record)
    result = run("export", tmp_path / "stick", "--data", folder)
    assert result.exit_code == 1
    assert "stick: 2 people." in result.stdout
    named = "0001-K-17/slip.pdf, 0001-K-17/report.json"
    assert f"Error: {named}: left out, as the record of a photo is damaged" in result.stderr
    there = names(tmp_path / "stick")
    assert {"0001-K-17/photo-000001-right.jpg", "0001-K-17/overlay-000001-right.jpg"} < {*there}
    assert not {"0001-K-17/slip.pdf", "0001-K-17/report.json"} & {*there}
    assert {"0002-K-18/slip.pdf", "0002-K-18/report.json"} < {*there}
    readme = (tmp_path / "stick" / "README.txt").read_text("utf-8")
    assert "LEFT OUT, as it is damaged at the station" in readme
    assert "  0001-K-17/report.json" in readme
    assert "secret" not in readme + result.output


def damage(store, record):
    """Let another person come, and spoil the record of the first one's photograph."""
    person(store, "K-18")
    with store.at_once() as ask:
        ask(f"UPDATE photos SET record = {record} WHERE number = 1")  # noqa: S608 - ours


def test_a_backup_that_isnt_whole_when_it_is_read_again_doesnt_stand_there(
    data, tmp_path, monkeypatch
):
    real = parcel.zipped
    monkeypatch.setattr(parcel, "zipped", lambda entries, **_: iter_of([*real(entries)][:-1]))
    result = run("backup", tmp_path / "b.zip", "--data", data)
    assert result.exit_code == 1
    assert "it is no whole ZIP file" in result.output
    assert not (tmp_path / "b.zip").exists()


def test_a_station_without_room_says_once_what_to_do(at_work_on, tmp_path, monkeypatch):
    def full(store, file):
        raise OSError(28, "No space left on device", str(file))

    monkeypatch.setattr(CampStore, "copy_to", full)
    result = run("backup", tmp_path / "b.zip", "--data", at_work_on)
    assert result.exit_code == 1
    assert "says: It couldn't be written: no space left on device. Nothing" in result.output
    assert result.output.endswith("and try it again; or end the station first\n")


def test_a_station_that_is_gone_or_wont_answer_is_said(at_work_on, tmp_path):
    (at_work_on / "station.key").write_text("k" * 43)
    result = run("backup", tmp_path / "b.zip", "--data", at_work_on)
    assert result.exit_code == 1
    assert "a station is at work on it and isn't what answers at http://127.0.0.1:" in result.output
    at_work.say_where(at_work_on, "http://127.0.0.1:9/")
    result = run("export", tmp_path / "stick", "--data", at_work_on)
    assert "a station is at work on it and its answer broke off" in result.output
    at_work.say_nowhere(at_work_on)
    result = run("backup", tmp_path / "b.zip", "--data", at_work_on)
    assert "doesn't say in station.address where it answers" in result.output
    assert not (tmp_path / "b.zip").exists()
    assert not (tmp_path / "stick").exists()


def test_whoever_listens_where_a_killed_station_answered_learns_no_key_and_is_not_asked(
    at_work_on, tmp_path
):
    key = (at_work_on / "station.key").read_text()
    heard, ended = [], subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append(f"{self.requestline} {self.headers}")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"0" * 64 + b" " + b"x" * 32)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        told = f"http://127.0.0.1:{listener.server_port}/ {ended.pid}\n"
        (at_work_on / "station.address").write_text(told)
        result = run("backup", tmp_path / "b.zip", "--data", at_work_on)
        listener.shutdown()
    assert result.exit_code == 1
    assert "isn't what answers at http://127.0.0.1" in result.output
    assert "the one that said in station.address where it answers was killed" in result.output
    assert [each[:10] for each in heard] == ["GET /owner"]
    assert key not in heard[0]


def test_a_station_doesnt_answer_for_somebody_who_listens_at_another_port(at_work_on, tmp_path):
    address = (at_work_on / "station.address").read_text()
    port = int(address.split(":")[2].partition("/")[0])
    with socket.create_server(("127.0.0.1", 0)) as between:

        def pass_on():
            asker, _ = between.accept()
            with asker, socket.create_connection(("127.0.0.1", port)) as station:
                station.sendall(asker.recv(65536))
                station.settimeout(1)
                with contextlib.suppress(TimeoutError):  # head and body may come one by one
                    while piece := station.recv(65536):
                        asker.sendall(piece)
                passed.append(asker.recv(65536))

        passed = []
        passing = threading.Thread(target=pass_on)
        passing.start()
        at_work.say_where(at_work_on, f"http://127.0.0.1:{between.getsockname()[1]}/")
        result = run("backup", tmp_path / "b.zip", "--data", at_work_on)
        passing.join()
    assert "isn't what answers at" in result.output
    assert passed == [b""]


def test_a_command_that_has_the_store_to_itself_removes_the_address_of_before(data, tmp_path):
    at_work.say_where(data, "http://127.0.0.1:9/")
    assert run("backup", tmp_path / "b.zip", "--data", data).exit_code == 0
    assert not (data / at_work.ADDRESS).exists()


def test_a_folder_without_a_camp_stays_as_it_is(tmp_path):
    (tmp_path / "other").mkdir()
    for command in ("export", "backup"):
        result = run(command, tmp_path / "x", "--data", tmp_path / "other")
        assert result.exit_code == 1
        assert "other: there is no camp" in result.output
        assert run(command, tmp_path / "x").exit_code == 2
    assert [*(tmp_path / "other").iterdir()] == []


def test_a_file_that_is_no_backup_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as other:
        other.writestr("holiday.jpg", b"")
    for name in ("x.zip", "missing.zip"):
        result = run("restore", tmp_path / name, "--data", tmp_path / "new")
        assert result.exit_code == 1
        assert "Traceback" not in result.output
    assert not (tmp_path / "new").exists()


def test_a_real_station_is_asked_where_its_folder_says_it_answers(tmp_path):
    from edge_runtime.station import demo

    with station(tmp_path) as address:
        take(tmp_path, "P1_OD.jpg", dict(demo.photos())["DEMO-1_OD.jpg"])
        folder = tmp_path / "inbox-station"
        assert (folder / "station.address").read_text().startswith(f"{address}/ ")
        assert (folder / "station.address").stat().st_mode & 0o077 == 0
        result = run("backup", tmp_path / "b.zip", "--inbox", tmp_path / "inbox")
        assert result.exit_code == 0, result.output
    assert not (folder / "station.address").exists()


def test_a_station_ends_in_order_while_something_is_handed_out(tmp_path):
    (tmp_path / "inbox").mkdir()
    store = CampStore(tmp_path / "inbox-station")
    for _ in range(30):
        person(store, "")
    store.close()
    with station(tmp_path) as address:
        asked = urllib.request.urlopen(f"{address}/export.zip?day=")  # noqa: S310
        assert asked.read(1000)
    with pytest.raises(http.client.IncompleteRead):
        asked.read()
    asked.close()
    assert [each.name for each in (tmp_path / "inbox-station").glob(".*")] == []


def test_a_command_that_fails_leaves_no_copy_of_the_store(data, tmp_path):
    """As a process, which doesn't tidy up after itself at its end."""
    result = subprocess.run(
        [sys.executable, "-c", STATION, "station", "backup", "/dev/full/x.zip", "--data", data],
        check=False, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (90000, 90000))"
    target = tmp_path / "x.zip"
    result = subprocess.run(
        [sys.executable, "-c", f"{limit}; {STATION}", "station", "backup", target, "--data", data],
        check=False, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    assert result.returncode == 1
    assert "x.zip: can't write there: file too large" in result.stderr
    assert [each.name for each in (*data.glob(".*"), *tmp_path.glob("*x.zip*"))] == []


@pytest.mark.parametrize("told", ["yesterday", "28.11.2026", "2026-02-30", ""])
def test_what_is_no_day_is_refused_in_plain_words(tmp_path, told):
    result = run("export", tmp_path / "stick", "--data", tmp_path, "--day", told)
    assert result.exit_code == 2
    assert f"'{told}' isn't a day; write it as YYYY-MM-DD, as 2026-11-28" in result.output
    assert "%Y" not in result.output
