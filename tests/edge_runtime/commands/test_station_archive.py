"""An archive in which photographs would be found again or get lost is refused."""

import click
import pytest

from edge_runtime.commands.station_archive import check_archive


@pytest.fixture
def places(tmp_path):
    for name in ("inbox/sub", "data/pictures", "other/pictures"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("data", "other"):
        (tmp_path / name / "camp.sqlite").write_bytes(b"")
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "inbox")
    return tmp_path


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        ("inbox", "lie in each other"),
        ("inbox/sub", "lie in each other"),
        ("link/sub", "lie in each other"),
        (".", "lie in each other"),
        ("data", "its own pictures"),
        ("data/pictures/old", "its own pictures"),
        ("file", "it is a file"),
        ("other", "another camp's data folder"),
        ("other/pictures", "another camp's data folder"),
        ("other/pictures/new/deep", "another camp's data folder"),
    ],
)
def test_it_is_refused_in_one_sentence(places, archive, why):
    with pytest.raises(click.ClickException, match=f"{why}.*; choose another --archive"):
        check_archive(places / archive, places / "inbox", places / "data")


@pytest.mark.parametrize("archive", [None, "archive", "data/originals"])
def test_any_other_folder_is_taken(places, archive):
    check_archive(archive and places / archive, places / "inbox", places / "data")
