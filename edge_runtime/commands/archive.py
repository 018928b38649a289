"""The command ``fundus-edge archive``, which has others below it."""

import click

from edge_runtime.commands.lazy_group import LazyGroup

#: The module of each subcommand.
COMMANDS: dict[str, str] = {
    "screen": "edge_runtime.commands.archive_screen",
    "diff": "edge_runtime.commands.archive_diff",
}

_HELP = frozenset({"-h", "--help"})


class _ScreenUnlessNamed(LazyGroup):
    """Takes what is no command for the photographs that ``screen`` is about."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in {*COMMANDS, *_HELP}:
            args = ["screen", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_ScreenUnlessNamed,
    modules=COMMANDS,
    subcommand_metavar="SOURCE --out DEST ...",
    short_help="Screen an archive of photographs on many machines.",
)
def archive() -> None:
    """Screen an archive of many photographs on many processors or machines, on Ray Data.

    "archive SOURCE --out DEST" is short for "archive screen"; "archive diff OLD NEW" compares what
    two models made of the same photographs. A folder called diff is named as ./diff.

    What predict does on one computer stays what it is: the records are the same.

    For research and education only: not a validated diagnostic tool.
    """
