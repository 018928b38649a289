"""The command ``fundus-edge explain``, a group whose commands load when they are asked for."""

import click

from edge_runtime.commands.lazy_group import LazyGroup

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


@click.group(
    cls=LazyGroup,
    modules={name: f"calibration.commands.{module}" for name, module in COMMANDS.items()},
)
def explain() -> None:
    """Store, average, compare, shake and judge explanations.

    For research and education only: not a validated diagnostic tool.
    """
