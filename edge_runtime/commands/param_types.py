"""What a command line takes: values that were really given, and mean something."""

import math
import re
from pathlib import Path
from typing import Any

import click

from edge_runtime.errors import printable


class GivenPath(click.Path):
    """A path that was given: an unset variable in a script isn't the current folder.

    Whether it can be read is found out where it is: one photo that can't be doesn't stop the rest.
    """

    def __init__(self) -> None:
        super().__init__(readable=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse an empty name, and convert as click does."""
        if value == "":
            self.fail("an empty name is no path; name a file or a folder", param, ctx)
        return super().convert(value, param, ctx)


class GivenIdentity(click.types.StringParamType):
    """A bundle's identity, or the beginning of it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what is none: it would fit no bundle."""
        text = str(super().convert(value, param, ctx))
        if not re.fullmatch(r"[0-9a-fA-F]{12,64}", text):
            self.fail(f"'{text}' isn't 12 to 64 hexadecimal digits", param, ctx)
        return text.lower()


class GivenDay(click.DateTime):
    """A day of the calendar."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Convert as click does, and say how a day is written as people write it."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            told = printable(str(value))
            self.fail(f"'{told}' isn't a day; write it as YYYY-MM-DD, as 2026-11-28", param, ctx)


class GivenSeconds(click.FloatRange):
    """A time that ends."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what is no number, which no range excludes, and convert as click does."""
        seconds = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value} is no time", param, ctx)
        return seconds


class ToldCheckpoint(click.types.StringParamType):
    """A log's checkpoint as a slip has it in one line."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read it, or say what is wrong with it."""
        from edge_runtime.tlog.told import parse_told

        try:
            return parse_told(str(super().convert(value, param, ctx)))
        except ValueError as error:
            self.fail(str(error), param, ctx)
