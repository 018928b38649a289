"""Show on stderr how far reading and comparing photos are."""

import sys
from types import TracebackType
from typing import Any

import click


class PhotoProgress:
    """A bar for the reading, then one for the comparison; hidden without a terminal."""

    def __init__(self, photos: int) -> None:
        self._photos = photos
        self._bar: Any = None
        self._is_reading = False

    def __enter__(self) -> "PhotoProgress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def on_photo(self) -> None:
        """Count a photo that was read."""
        if self._bar is None or not self._is_reading:
            self._start("reading photos", self._photos)
            self._is_reading = True
        self._bar.update(1)

    def on_share(self, share: float) -> None:
        """Show the share of the comparison that is done, 0..1."""
        if self._bar is None or self._is_reading:
            self._start("comparing them", 1000)
            self._is_reading = False
        self._bar.update(max(0, round(share * 1000) - self._bar.pos))

    def _start(self, label: str, length: int) -> None:
        self._end()
        self._bar = click.progressbar(
            length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()
        )
        self._bar.__enter__()

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
