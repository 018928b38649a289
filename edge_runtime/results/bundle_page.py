"""Write who made a bundle of what as one page, to read, to file and to print."""

from collections.abc import Iterable

from edge_runtime.bundle.attested import DOES_NOT_FIT, STATED
from edge_runtime.contract import DISCLAIMER
from edge_runtime.results.page_template import page_template

Lines = Iterable[tuple[str, str]]


def bundle_page(name: str, *, known: Lines, stated: Lines) -> str:
    """Write the page of a bundle.

    Args:
        name: The bundle's.
        known: Of each line of its manifest what it is about, and what it says.
        stated: The lines of ``attested``.

    Returns:
        HTML that needs no other file.
    """
    doubts: list[str] = []
    steps: list[tuple[str, list[tuple[str, str]]]] = []
    for about, said in stated:
        if about == DOES_NOT_FIT:
            doubts.append(said)
        elif about == STATED:
            steps.append((said, []))
        else:
            steps[-1][1].append((about.strip(), said))
    return page_template("bundle.html.jinja").render(
        name=name,
        disclaimer=DISCLAIMER,
        known=[(about.strip(), said) for about, said in known],
        doubts=doubts,
        steps=steps,
    )
