"""Tell whether the packages are there that draw."""

from importlib.util import find_spec


def can_draw() -> bool:
    """Tell whether they are there, without loading them."""
    return all(find_spec(name) is not None for name in ("fpdf", "uharfbuzz"))
