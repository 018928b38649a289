"""A small camp with its log, and a backup of a camp by the command."""

import contextlib

from click.testing import CliRunner

from edge_runtime.commands.main import main
from edge_runtime.station.camp_store import CampStore
from edge_runtime.station.events import ResultOverridden
from edge_runtime.station.open_log import logged
from tests.edge_runtime.station.camps import added


def run(*arguments):
    ran = CliRunner().invoke(main, [*map(str, arguments)])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran


def logged_camp(folder):
    """Make a camp of three photographs and a decision, with its log; its store is closed."""
    with contextlib.closing(CampStore(folder)) as store, logged(store) as log:
        log.begin("ab" * 32, "{}")
        for number in range(3):
            added(store, f"{number}_OD.jpg", 0.5)
        store.happen(ResultOverridden(1, "refer", "I saw it"))
        log.end()
    return folder


def backed_up(camp, file):
    """Back a camp up into a file."""
    ran = run("station", "backup", file, "--data", camp)
    assert ran.exit_code == 0, ran.output
    return file
