"""What can't be written is noticed before the work, by every command that makes a folder."""

import pytest
from click.testing import CliRunner

from edge_runtime.bundle.bundle import check_target
from edge_runtime.commands.main import main
from edge_runtime.errors import OutputExistsError, OutputFailedError
from edge_runtime.system.writable import check_writable


def places(tmp_path):
    """By cause, folders that can't be made; permissions would not stop the tests' superuser."""
    (tmp_path / "file").write_text("")
    return {
        f"{tmp_path / 'file'} is not a folder": tmp_path / "file" / "new",
        f"{tmp_path}/file is not a folder": tmp_path / "file" / "a" / "b" / "new",
        "file name too long": tmp_path / ("n" * 250),
        "no such file or directory": "/proc/new",  # a file system that takes no folders
    }


def test_a_place_that_takes_a_folder_is_left_as_it_was_also_where_parents_are_missing(tmp_path):
    check_writable(tmp_path / "new")
    check_writable(tmp_path / "a" / "b" / "new")
    check_target(tmp_path / "a" / "b" / "new", force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_takes_none_is_refused_with_its_cause(tmp_path):
    for cause, place in places(tmp_path).items():
        with pytest.raises(OutputFailedError, match=f"can't write there: {cause}"):
            check_target(tmp_path / place, force=True)


def test_a_folder_that_may_not_be_written_is_refused(tmp_path, monkeypatch):
    def refuse(**_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    with pytest.raises(OutputFailedError, match="new: can't write there: permission denied"):
        check_writable(tmp_path / "new")


def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path):
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(OutputExistsError, match="leads nowhere"):
        check_writable(tmp_path / "link")


@pytest.mark.parametrize("command", ["calibrate", "export", "validate"])
def test_commands_notice_it_before_they_read_anything(command, tmp_path):
    """Their other arguments lead nowhere, and that isn't what they complain of."""
    data = [] if command == "export" else ["--data", str(tmp_path / "none")]
    for cause, place in places(tmp_path).items():
        arguments = [command, str(tmp_path / "none"), *data, "--out", str(place)]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 1
        assert result.output == f"Error: {place}: can't write there: {cause}\n"


def test_a_verdict_that_cant_be_recorded_is_noticed_before_the_photos_are_read(tmp_path):
    (tmp_path / "file").write_text("")
    arguments = ["validate", str(tmp_path / "file" / "b"), "--data", str(tmp_path), "--record"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "can't write there" in result.output
