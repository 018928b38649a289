"""predict --log, and the commands of log, as people type them."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner

from edge_runtime.commands.log_records import records_of
from edge_runtime.commands.main import main
from edge_runtime.contract import DISCLAIMER
from edge_runtime.results.store import Store
from edge_runtime.tlog.checkpoint import read_checkpoint
from edge_runtime.tlog.entry import Thing
from edge_runtime.tlog.examine import examine
from edge_runtime.tlog.told import told
from edge_runtime.tlog.writer import Log


def run(*arguments):
    ran = CliRunner().invoke(main, [*map(str, arguments)])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran


@pytest.fixture
def made(predict, photos, tmp_path):
    """Results of a run with a log."""
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0broken")
    ran = predict(photos, "--out", tmp_path / "results", "--log", tmp_path / "log")
    assert (tmp_path / "results" / "report.html").exists(), ran.output
    return tmp_path / "results"


def kinds(log):
    return [each.kind for each in examine(log).entries]


def verified(log, results, *options):
    return run("log", "verify", log, "--records", results, *options)


def change(results, statement):
    with closing(sqlite3.connect(results / "results.sqlite")) as opened, opened:
        assert opened.execute(statement).rowcount > 0


def test_each_photo_of_a_run_is_logged_between_its_begin_and_its_end(made, tmp_path):
    count = len((made / "results.jsonl").read_text("utf-8").splitlines())
    assert kinds(tmp_path / "log") == ["log", "bundle", "begin", *["photo"] * count, "end"]
    ran = verified(tmp_path / "log", made)
    assert ran.exit_code == 0, ran.output
    assert "is whole" in ran.stdout
    assert DISCLAIMER in ran.stderr
    told = json.loads(verified(tmp_path / "log", made, "--json").stdout)
    assert told["findings"] == []
    assert told["disclaimer"] == DISCLAIMER


def test_nothing_in_a_log_tells_of_a_person_or_a_result(made, tmp_path):
    names = [*(each.stem for each in (tmp_path / "photos").iterdir()), "photos", "glaucoma", "ok"]
    for file in (tmp_path / "log").rglob("*"):
        if file.name.startswith("tail-") or file.parent.parent.name == "entries":
            text = file.read_bytes().decode("latin-1")
            assert not [name for name in names if f'"{name}"' in text or f"/{name}" in text], file


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE photos SET record = replace(record, '0.', '0.9')", "deleted or changed"),
        ("DELETE FROM photos WHERE number = 1", "1 record deleted or changed: entry 3 ("),
        ("UPDATE photos SET sha256 = NULL WHERE number = 1", "deleted or changed"),
        ("UPDATE photos SET number = 99 WHERE number = 1", "put there or changed: photo 99"),
        ("DELETE FROM run WHERE key = 'log'", "knows nothing of its run"),
        ("UPDATE photos SET finished = '2020-02-02T10:00:00+00:00' WHERE number = 1",
         "put there or changed: photo 1"),
        ("UPDATE photos SET place = replace(place, '1', '2')", "put there or changed: photo"),
        ("UPDATE photos SET status = 'error'", "columns aren't what the record says: photo 1"),
        ("UPDATE photos SET reason = 'blurred'", "columns aren't what the record says: photo 1"),
        ("UPDATE photos SET path = CAST('x' AS BLOB) WHERE number = 2",
         "columns aren't what the record says: photo 2"),
        ("UPDATE run SET value = replace(value, 'exact', 'fixed') WHERE key = 'run'",
         "what its run is made with (bundle, options) isn't what the log says that it was"),
        ("UPDATE run SET value = replace(value, 'bundle', 'x') WHERE key = 'run'",
         "what its run is made with (bundle, options) isn't what the log says that it was"),
    ],
)  # fmt: skip
def test_records_that_were_changed_afterwards_are_found(made, tmp_path, statement, said):
    change(made, statement)
    ran = verified(tmp_path / "log", made)
    assert ran.exit_code == 1
    assert said in ran.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON photos BEGIN DELETE FROM photos WHERE number = 1; END",
        "CREATE VIEW v AS SELECT * FROM photos",
        "ALTER TABLE photos ADD COLUMN more TEXT",
        "PRAGMA user_version = 9",
        "PRAGMA application_id = 9",
    ],
)
def test_a_store_that_does_more_than_a_run_makes_it_do_is_found(made, tmp_path, statement):
    with closing(sqlite3.connect(made / "results.sqlite")) as opened, opened:
        opened.execute(statement)
    ran = verified(tmp_path / "log", made)
    assert ran.exit_code == 1
    assert "isn't as a run makes it" in ran.stderr


def test_a_run_that_goes_on_is_logged_on_and_what_it_does_again_takes_its_place(
    predict, photos, made, tmp_path
):
    first = sorted(photos.glob("*.jpg"))
    shutil.copy(first[1], first[0])
    options = ("--out", made, "--log", tmp_path / "log", "--resume")
    predict(photos, *options)
    found = examine(tmp_path / "log").entries
    (again,) = (each for each in found if each.replaces)
    assert again.replaces in {each.of for each in found[:-3]}
    assert kinds(tmp_path / "log")[-4:] == ["bundle", "begin", "photo", "end"]
    assert verified(tmp_path / "log", made).exit_code == 0
    size = len(found)
    predict(photos, *options)
    assert len(examine(tmp_path / "log").entries) == size  # nothing was done


def test_who_proves_a_result_that_was_replaced_later_hears_that(predict, photos, made, tmp_path):
    first = sorted(photos.glob("*.jpg"))
    shutil.copy(first[1], first[0])
    assert run("log", "prove", tmp_path / "log", "3", "--out", tmp_path / "p").stderr.count(
        "Warning"
    ) == 0  # fmt: skip
    predict(photos, "--out", made, "--log", tmp_path / "log", "--resume")
    entries = examine(tmp_path / "log").entries
    (new,) = (number for number, each in enumerate(entries) if each.replaces)
    old = next(n for n, each in enumerate(entries) if each.of == entries[new].replaces)
    ran = run("log", "prove", tmp_path / "log", str(old), "--out", tmp_path / "old")
    assert f"Warning: its result was replaced by entry {new} (20" in ran.stderr
    ran = run("log", "prove", tmp_path / "log", str(new), "--out", tmp_path / "new")
    assert "Warning" not in ran.stderr
    ran = verified(tmp_path / "log", made)
    assert ran.exit_code == 0
    assert f"by entry {new} (20" in ran.stderr
    assert f"in the place of entry {old} (20" in ran.stderr


def test_a_logged_run_does_not_go_on_without_its_log(predict, photos, made, tmp_path):
    ran = predict(photos, "--out", made, "--resume")
    assert "this run is logged" not in ran.stderr  # nothing is to be done
    shutil.copy(photos / "a.jpg", photos / "more.jpg")
    ran = predict(photos, "--out", made, "--resume")
    assert ran.exit_code == 1
    assert "this run is logged; name its log with --log" in ran.stderr
    assert verified(tmp_path / "log", made).exit_code == 0
    options = ("--out", made, "--resume", "--log", tmp_path / "log")
    predict(photos, *options)
    assert [each.kind for each in examine(tmp_path / "log").entries][-2:] == ["photo", "end"]
    assert verified(tmp_path / "log", made).exit_code == 0


def test_what_is_counted_is_what_the_log_binds(made):
    change(made, "UPDATE photos SET status = 'ungradable', reason = 'blurred' WHERE status = 'ok'")
    with closing(Store(made)) as store:
        told = {each.path: (each.status, each.reason) for each in store.outcomes()}
        kept = {each.path: each.status for _, each in store.records()}
    assert told == {path: (status, None) for path, status in kept.items()}
    assert "ok" in kept.values()


def test_a_run_that_begins_its_log_late_says_so(predict, photos, tmp_path):
    predict(photos / "a.jpg", "--out", tmp_path / "r")
    predict(
        photos / "a.jpg",
        photos / "b.jpg",
        "--out",
        tmp_path / "r",
        "--log",
        tmp_path / "log",
        "--resume",
    )
    assert kinds(tmp_path / "log") == ["log", "found", "bundle", "begin", "photo", "end"]
    ran = verified(tmp_path / "log", tmp_path / "r")
    assert ran.exit_code == 0
    assert "1 record without an entry when the log was opened" in ran.stderr


def test_a_complete_run_whose_log_was_moved_away_is_known_to_the_new_one(
    predict, photos, made, tmp_path
):
    shutil.move(tmp_path / "log", tmp_path / "moved")
    predict(photos, "--out", made, "--log", tmp_path / "log", "--resume")
    found = kinds(tmp_path / "log")
    count = found.count("found")
    assert count > 1
    assert found == ["log", *["found"] * count, "bundle", "begin", "end"]
    ran = verified(tmp_path / "log", made)
    assert ran.exit_code == 0, ran.output
    assert f"{count} records without an entry when the log was opened" in ran.stderr
    predict(photos, "--out", made, "--log", tmp_path / "log", "--resume")
    assert kinds(tmp_path / "log") == found  # it is known now
    assert verified(tmp_path / "moved", made).exit_code == 0


def test_several_runs_share_a_log_and_each_is_held_against_its_own_entries(
    predict, photos, tmp_path
):
    for name in "ab":
        predict(photos / f"{name}.jpg", "--out", tmp_path / name, "--log", tmp_path / "log")
    for name in "ab":
        assert verified(tmp_path / "log", tmp_path / name).exit_code == 0
    shutil.rmtree(tmp_path / "a")
    predict(photos / "a.jpg", "--out", tmp_path / "a")
    assert verified(tmp_path / "log", tmp_path / "a").exit_code == 1


def test_a_run_whose_folder_is_gone_or_was_not_named_is_told(predict, photos, tmp_path):
    for name in "ab":
        predict(photos / f"{name}.jpg", "--out", tmp_path / name, "--log", tmp_path / "log")
    shutil.rmtree(tmp_path / "a")
    gone = next(each.run for each in examine(tmp_path / "log").entries if each.run)
    ran = verified(tmp_path / "log", tmp_path / "b")
    assert ran.exit_code == 0
    assert f"Note: run {gone}, 1 record from 20" in ran.stderr
    assert ran.stderr.count("held against nothing") == 1
    assert "no --records were given" in run("log", "verify", tmp_path / "log").stderr


def forge(results, log, name):
    """Put other results of the same photos there as a run of another name, with the log's key."""
    change(
        results, "UPDATE photos SET record = replace(record, '\"refer\": false', '\"refer\": true')"
    )
    change(results, f"UPDATE run SET value = '{name}' WHERE key = 'log'")  # noqa: S608 - its own
    kept = records_of(results)
    with Log(log) as opened:
        things = [Thing("photo", each, run=name) for each in kept.contents.values()]
        opened.append(Thing("begin", kept.begun, run=name), *things, Thing("end", b"", run=name))


def test_results_that_were_all_written_anew_as_another_run_are_found_by_a_checkpoint(
    made, tmp_path
):
    log = tmp_path / "log"
    shutil.copy(log / "checkpoint", tmp_path / "monday")
    was = next(each.run for each in examine(log).entries if each.run)
    forge(made, log, "00112233aabbccdd")
    ran = verified(log, made)
    assert ran.exit_code == 0, "who has the key can add anything that nobody kept a checkpoint of"
    assert f"Note: run {was}" in ran.stderr
    ran = verified(log, made, "--checkpoint", tmp_path / "monday")
    assert ran.exit_code == 1
    assert "is whole, but not all fits it: " in ran.stdout  # the log is, and the results aren't
    assert f"Error: run {was}" in ran.stderr
    assert "the older checkpoint is of them; name it too" in ran.stderr
    kept = read_checkpoint(tmp_path / "monday")
    assert verified(log, made, "--checkpoint-root", told(kept.size, kept.root)).exit_code == 1
    known = ("--checkpoint", tmp_path / "monday", "--left-out", was)
    ran = verified(log, made, *known)
    assert ran.exit_code == 0, ran.output
    assert f"Note: run {was}" in ran.stderr


def test_a_run_that_was_replaced_as_a_whole_is_still_one_that_a_checkpoint_is_of(made, tmp_path):
    log = tmp_path / "log"
    shutil.copy(log / "checkpoint", tmp_path / "monday")
    was = next(each.run for each in examine(log).entries if each.run)
    kept = records_of(made)
    with Log(log) as opened:
        opened.append(Thing("begin", kept.begun, run=was))
        for each in kept.contents.values():
            opened.append(Thing("photo", each + b"x", each, run=was))
        opened.append(Thing("end", b"", run=was))
    forge(made, log, "00112233aabbccdd")
    ran = verified(log, made, "--checkpoint", tmp_path / "monday")
    assert ran.exit_code == 1
    assert f"Error: run {was}" in ran.stderr


def test_a_run_that_began_after_the_checkpoint_needs_no_folder(made, predict, photos, tmp_path):
    shutil.copy(tmp_path / "log" / "checkpoint", tmp_path / "monday")
    predict(photos / "a.jpg", "--out", tmp_path / "more", "--log", tmp_path / "log")
    ran = verified(tmp_path / "log", made, "--checkpoint", tmp_path / "monday")
    assert ran.exit_code == 0, ran.output
    assert ran.stderr.count("held against nothing") == 1
    shutil.copy(tmp_path / "log" / "checkpoint", tmp_path / "tuesday")
    both = ("--records", tmp_path / "more", "--checkpoint", tmp_path / "tuesday")
    assert verified(tmp_path / "log", made, *both).exit_code == 0
    assert verified(tmp_path / "log", made, *both[2:]).exit_code == 1


def test_a_log_that_was_laid_under_another_is_told_by_its_runs(made, predict, photos, tmp_path):
    log = tmp_path / "log"
    shutil.copy(log / "checkpoint", tmp_path / "monday")
    was = next(each.run for each in examine(log).entries if each.run)
    shutil.copytree(log, tmp_path / "new" / "before")
    predict(photos / "a.jpg", "--out", tmp_path / "r", "--log", tmp_path / "new")
    ran = verified(tmp_path / "new", tmp_path / "r")
    assert ran.exit_code == 0, ran.output
    assert "what its run is made with" not in ran.stderr
    assert f"Note: before: run {was}" in ran.stderr
    ran = verified(tmp_path / "new", tmp_path / "r", "--checkpoint", tmp_path / "monday")
    assert ran.exit_code == 1
    assert f"Error: before: run {was}" in ran.stderr
    both = ("--records", made, "--checkpoint", tmp_path / "monday")
    ran = verified(tmp_path / "new", tmp_path / "r", *both)
    assert ran.exit_code == 0, ran.output


def test_what_went_on_in_a_copy_of_its_folder_is_told_of_the_other_one(
    made, predict, photos, tmp_path
):
    shutil.copytree(made, tmp_path / "copy")
    shutil.copy(photos / "a.jpg", photos / "more.jpg")
    predict(photos, "--out", tmp_path / "copy", "--log", tmp_path / "log", "--resume")
    assert verified(tmp_path / "log", tmp_path / "copy").exit_code == 0
    ran = verified(tmp_path / "log", made)
    assert ran.exit_code == 1
    assert "or the run went on in a copy of this folder: then name that one" in ran.stderr


def test_folders_that_are_held_against_a_log_stay_as_they_are(made, photos, tmp_path):
    def files():
        return {each: each.stat().st_mtime_ns for each in [*made.rglob("*"), *photos.rglob("*")]}

    before = files()
    ran = verified(tmp_path / "log", photos)
    assert ran.exit_code == 1
    assert "camp.sqlite: it can't be read: it isn't there; was another folder" in ran.stderr
    assert verified(tmp_path / "log", made).exit_code == 0
    assert files() == before


def test_an_entry_whose_record_the_disk_did_not_take_is_taken_back(
    predict, photos, tmp_path, monkeypatch
):
    with monkeypatch.context() as failing:
        append = Log.append

        def fails(log, *things):
            entries = append(log, *things)
            if [each.kind for each in things] == ["photo"]:
                raise OSError(28, "No space left on device", str(log.folder))
            return entries

        failing.setattr(Log, "append", fails)
        ran = predict(photos / "a.jpg", "--out", tmp_path / "r", "--log", tmp_path / "log")
        assert ran.exit_code == 1
        assert "no space left" in ran.output.lower()
    ran = verified(tmp_path / "log", tmp_path / "r")
    assert ran.exit_code == 1
    assert (
        "stopped there, as by a full disk: go on with predict --resume, then verify" in ran.stderr
    )
    predict(photos / "a.jpg", "--out", tmp_path / "r", "--log", tmp_path / "log", "--resume")
    assert "void" in kinds(tmp_path / "log")
    ran = verified(tmp_path / "log", tmp_path / "r")
    assert ran.exit_code == 0, ran.output
    assert "1 entry taken back" in ran.stderr


@pytest.mark.parametrize("when", ["begin", "photo", "end"])
def test_a_full_disk_of_the_log_is_not_told_as_that_of_the_results(
    predict, photos, tmp_path, monkeypatch, when
):
    append, options = Log.append, ("--out", tmp_path / "r", "--log", tmp_path / "log")

    def full(log, *things):
        if things[-1].kind == when:
            raise OSError(28, "No space left on device")  # of a handle, which has no name
        return append(log, *things)

    with monkeypatch.context() as failing:
        failing.setattr(Log, "append", full)
        ran = predict(photos / "a.jpg", *options)
    assert ran.exit_code == 1
    assert f"Error: {tmp_path / 'log'}: can't write there: no space left on device" in ran.stderr
    assert "make room, then go on with --resume" in ran.stderr
    assert f"{tmp_path / 'r'}: can't write" not in ran.stderr
    assert predict(photos / "a.jpg", *options, "--resume").exit_code == 0
    assert verified(tmp_path / "log", tmp_path / "r").exit_code == 0


@pytest.mark.parametrize("place", ["r/log", "r", "."])
def test_a_log_lies_beside_the_results(predict, photos, tmp_path, place):
    ran = predict(photos / "a.jpg", "--out", tmp_path / "r", "--log", tmp_path / place)
    assert ran.exit_code == 2
    assert "name a folder beside it" in ran.stderr
    assert predict(photos / "a.jpg", "--log", tmp_path / "log").exit_code == 2


def test_a_run_whose_log_another_program_has_open_is_refused_in_a_sentence(
    predict, photos, tmp_path
):
    with Log(tmp_path / "log"):
        ran = predict(photos / "a.jpg", "--out", tmp_path / "r", "--log", tmp_path / "log")
    assert ran.exit_code == 1
    assert ran.stderr.strip().endswith("let it end, or name another folder")


def test_a_checkpoint_is_given_out_and_held_against_the_log_later(made, tmp_path, predict, photos):
    ran = run("log", "checkpoint", tmp_path / "log", "--qr", "--out", tmp_path / "old")
    assert ran.exit_code == 0
    assert "\u2588" in ran.stdout
    assert DISCLAIMER in ran.stderr
    assert (
        "worth keeping"
        in run("log", "checkpoint", tmp_path / "log", "--out", tmp_path / "old").stderr
    )
    predict(photos / "a.jpg", "--out", tmp_path / "more", "--log", tmp_path / "log")
    options = ("--checkpoint", tmp_path / "old", "--key", tmp_path / "log" / "log.pub")
    assert run("log", "verify", tmp_path / "log", *options).exit_code == 0
    shutil.rmtree(tmp_path / "log")
    predict(photos / "a.jpg", "--out", tmp_path / "anew", "--log", tmp_path / "log")
    ran = run("log", "verify", tmp_path / "log", "--checkpoint", tmp_path / "old")
    assert ran.exit_code == 1
    assert "another log lies here, or this one was written anew" in ran.stderr


def test_a_checkpoint_is_given_out_while_another_program_writes(tmp_path):
    with Log(tmp_path / "log") as log:
        ran = run("log", "checkpoint", tmp_path / "log", "--out", tmp_path / "now")
        assert ran.exit_code == 0, ran.output
        del log
    assert run("log", "verify", tmp_path / "log", "--checkpoint", tmp_path / "now").exit_code == 0


def test_files_that_are_not_there_are_not_said_to_be_gone_from_the_log(made, tmp_path):
    log, no = tmp_path / "log", tmp_path / "no"
    options = ("--checkpoint", no), ("--key", no), ("--checkpoint", log, "--witness", no)
    for each in options:
        ran = run("log", "verify", log, *each)
        assert ran.exit_code == 1
        assert "no: it isn't there; was another file meant?" in ran.stderr, each
    ran = run("log", "verify", tmp_path)
    assert f"no log is here, but one lies in it: {log}" in ran.stderr


def test_a_checkpoint_whose_signature_was_cut_off_is_said_to_be_one(made, tmp_path):
    log = tmp_path / "log"
    text = (log / "checkpoint").read_text("utf-8").partition("\n\n")[0]
    (tmp_path / "cut").write_text(f"{text}\n\n", "utf-8")
    ran = run("log", "verify", log, "--checkpoint", tmp_path / "cut")
    assert ran.exit_code == 0
    assert "cut isn't signed: its signature was cut off, or what signs wasn't" in ran.stderr
    ran = run("log", "verify", log, "--checkpoint", tmp_path / "cut", "--key", log)
    assert ran.exit_code == 1
    assert "is whole, but not all fits it" in ran.stdout
    (log / "checkpoint").write_text(f"{text}\n\n", "utf-8")
    assert "is not as it was written" in run("log", "verify", log, "--key", log).stdout


def test_a_proof_of_growth_is_made_from_a_checkpoint_as_a_mail_leaves_it(made, tmp_path):
    log = tmp_path / "log"
    lines = (log / "checkpoint").read_text("utf-8").splitlines()
    (tmp_path / "mailed").write_text("\r\n".join(lines), "utf-8", newline="")
    prove = ("log", "prove", log, "--out", tmp_path / "p", "--since")
    assert run(*prove, tmp_path / "mailed").exit_code == 0
    (tmp_path / "typed").write_text("3: " + "0" * 64, "utf-8")
    shutil.move(tmp_path / "p", tmp_path / "q")
    ran = run(*prove, tmp_path / "typed")
    assert ran.exit_code == 1
    assert "was typed, without the log's name and signature" in ran.stderr


def test_an_entry_is_proved_by_a_file_alone(made, tmp_path):
    of = examine(tmp_path / "log").entries[3].of
    for name, entry in (("a", "3"), ("b", of[:12])):
        ran = run("log", "prove", tmp_path / "log", entry, "--out", tmp_path / name)
        assert ran.exit_code == 0, ran.output
    shutil.move(tmp_path / "log" / "log.pub", tmp_path / "log.pub")
    shutil.rmtree(tmp_path / "log")
    ran = run("log", "verify", tmp_path / "a", "--key", tmp_path / "log.pub")
    assert ran.exit_code == 0, ran.output
    assert of in ran.stdout
    told = json.loads(
        run("log", "verify", tmp_path / "b", "--key", tmp_path / "log.pub", "--json").stdout
    )
    assert told["of"] == of
    assert told["disclaimer"] == DISCLAIMER
    with Log(tmp_path / "other"):
        pass
    ran = run("log", "verify", tmp_path / "a", "--key", tmp_path / "other")
    assert ran.exit_code == 1
    assert "wasn't signed by the key" in ran.stderr


@pytest.mark.parametrize(
    ("entry", "code", "said"),
    [
        ("99", 1, "there is no entry 99: the log has "),
        ("0123456789ab", 1, "there is no entry of 0123456789ab in the log"),
        ("x", 2, "ENTRY is a number, or 12 to 64 digits of an entry's hash"),
    ],
)
def test_what_is_no_entry_is_said(made, tmp_path, entry, code, said):
    ran = run("log", "prove", tmp_path / "log", entry, "--out", tmp_path / "p")
    assert ran.exit_code == code
    assert said in ran.stderr
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("command", ["verify", "checkpoint"])
def test_where_no_log_is_none_is_made(tmp_path, command):
    ran = run("log", command, tmp_path)
    assert ran.exit_code == 1
    assert "no log is here" in ran.stderr
    assert not list(tmp_path.iterdir())


def test_a_record_is_proved_to_who_has_it_and_to_nobody_else(made, predict, photos, tmp_path):
    options = ("--records", made, "--out", tmp_path / "p")
    assert run("log", "prove", tmp_path / "log", "photo:1", *options).exit_code == 0
    check = ("log", "verify", tmp_path / "p", "--key", tmp_path / "log", "--records")
    ran = run(*check, made)
    assert ran.exit_code == 0
    assert f"It is of photo 1 of {made}." in ran.stdout
    assert json.loads(run(*check, made, "--json").stdout)["records"] == [f"photo 1 of {made}"]
    assert "of which record it is, --records tells" in run(*check[:-1]).stderr
    predict(photos / "a.jpg", "--out", tmp_path / "others")
    ran = run(*check, tmp_path / "others")
    assert ran.exit_code == 1
    assert "of none of these records" in ran.stderr
    options = ("--records", made, "--out", tmp_path / "q")
    assert (
        "ENTRY is as photo:3" in run("log", "prove", tmp_path / "log", "photo:99", *options).stderr
    )
