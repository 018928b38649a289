"""Load the templates of pages; report, audit and validation stand on one base and one style."""

from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING

from edge_runtime.bundle.referral import yes_or_no
from edge_runtime.results.shown import footnoted, number, percent, signed, titled

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_BASE = Path(__file__).parent / "templates"
_LOADING = Lock()  # who comes while another thread loads waits, rather than load a second time


def begin(*names: str) -> None:
    """Load templates in a thread: it takes about as long as decoding a photo, and goes beside it.

    Args:
        names: Files that ``page_template`` will be asked for.
    """

    def load() -> None:
        with suppress(Exception):  # whoever needs one meets the same error, and says so
            for name in names:
                page_template(name)

    Thread(target=load, name="templates").start()


def page_template(name: str, folder: Path = _BASE) -> "Template":
    """Load a template that escapes all that it is given and refuses what it isn't given.

    Args:
        name: Its file.
        folder: Where it stands; it may extend and import what stands beside the base too.
    """
    with _LOADING:
        return _environment(folder).get_template(name)


@cache
def _environment(folder: Path) -> "Environment":
    import jinja2  # noqa: PLC0415 - slow, so in the thread of ``begin``

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(tuple(dict.fromkeys((folder, _BASE)))),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    for shown in (footnoted, number, percent, signed, titled, yes_or_no):
        environment.filters[shown.__name__] = shown
    return environment
