"""The commands ``fundus-edge trust``: keys that take others' places, and keys that are revoked."""

import click

from edge_runtime.commands.lazy_group import LazyGroup


@click.group(
    cls=LazyGroup,
    modules={
        "rotate": "edge_runtime.commands.trust_rotate",
        "revoke": "edge_runtime.commands.trust_revoke",
        "show": "edge_runtime.commands.trust_show",
    },
)
def trust() -> None:
    """Replace and revoke keys by small signed files, and see whom this computer trusts.

    "rotate" and "revoke" are for whoever signs bundles. Each makes a file that ends in .trust:
    carry it to the devices, and lay it into the folder that their --trust names, or name it there.
    A device needs no network to check it, and remembers it once it has run with it.
    """
