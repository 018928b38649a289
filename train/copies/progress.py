"""Show on stderr how far reading and comparing photos are."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

#: Called with what is under way, and with the share of it that is done, 0..1.
OnShare = Callable[[str, float], None]

_STEPS = 1000  # of a bar


@contextmanager
def progress_bars() -> Iterator[OnShare]:
    """Give what shows one bar after the other; hidden without a terminal."""
    with ExitStack() as shown:
        bar: Any = None

        def show(label: str, share: float) -> None:
            nonlocal bar
            if bar is None or bar.label != label:
                shown.close()
                bar = click.progressbar(
                    length=_STEPS, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
                )
                shown.enter_context(bar)
            bar.update(max(0, round(share * _STEPS) - bar.pos))

        yield show
