"""The command ``fundus-edge explain``, a group whose commands load when they are asked for."""

from importlib import import_module

import click

#: Each subcommand's module in this room, in the order of work.
COMMANDS: dict[str, str] = {
    "store": "explain_store",
    "info": "explain_info",
    "analyse": "explain_analyse",
    "similarity": "explain_similarity",
    "consistency": "explain_consistency",
    "stability": "explain_stability",
    "faithfulness": "explain_faithfulness",
    "failures": "explain_failures",
    "lesions": "explain_lesions",
    "shortcuts": "explain_shortcuts",
}


class _Laboratory(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"calibration.commands.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(cls=_Laboratory)
def explain() -> None:
    """Store, average, compare, shake and judge explanations.

    For research and education only: not a validated diagnostic tool.
    """
