"""Say on paper which letters it lacks, as no font of this computer has them."""

from edge_runtime.papers.pen import BAD, Pen
from edge_runtime.results.texts import Texts


def write_unwritten(
    pen: Pen, texts: Texts, at: tuple[float, float], wide: float, *, size: float, more: str = ""
) -> float:
    """Write it in bold, if any lacks.

    Args:
        pen: What wrote all else.
        texts: In which language.
        at: From where on.
        wide: How wide, in millimetres.
        size: Of the letters, in points.
        more: A sentence with another remedy, "" for none.

    Returns:
        Where the next thing may stand.
    """
    if not pen.lacks:
        return at[1]
    said = f"{texts.say('unwritten', letters=pen.unwritten)} {more}".rstrip()
    return pen.text(said, at, wide, size=size, bold=True, colour=BAD)
