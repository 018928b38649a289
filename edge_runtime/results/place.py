"""Find out whether a run can be written into a folder, and say why it can't."""

from contextlib import AbstractContextManager
from pathlib import Path

from edge_runtime.errors import OutputExistsError
from edge_runtime.photo.find import RESULTS_JSONL, STORE
from edge_runtime.system.files import one_sentence


def check_place(path: Path, *, resume: bool) -> None:
    """Check that a run can begin in a folder, or that there is one to take up.

    Args:
        path: The folder.
        resume: Whether a run may be taken up.

    Raises:
        OutputExistsError: Something else stands there.
    """
    if path.is_symlink() and not path.exists():
        raise OutputExistsError(path, "it is a link that leads nowhere, so choose another folder")
    if not path.exists() or (path / STORE).exists():
        return
    if (path / RESULTS_JSONL).exists():
        is_older = (path / "run.json").exists()
        cause = "its run is of an older version" if is_older else f"its {STORE} is gone"
        remedy = f"{cause}, so nothing can be added: choose another folder"
        raise OutputExistsError(path, remedy)
    if not path.is_dir() or any(path.iterdir()):
        remedy = "it holds no run to resume, so " if resume and path.is_dir() else ""
        raise OutputExistsError(path, f"{remedy}choose another folder for the results")


def writing(path: Path) -> AbstractContextManager[None]:
    """Turn what the system refuses while a run is written into a sentence of what to do.

    Raises:
        OutputFailedError: The system refused something.
    """
    return one_sentence(path, no_room="; make room, then go on with --resume")
