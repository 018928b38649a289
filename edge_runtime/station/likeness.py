"""Tell whether what is known of two people of one ID says that they are two."""

from edge_runtime.station.spelling import Search


def speaks_against(
    name: str, birth_year: int | None, other_name: str, other_year: int | None
) -> bool:
    """Tell whether a name and a birth year are another person's; what isn't known says nothing.

    One name may be a part of the other, in any order and without accents: Ana, López Ana.
    """
    if birth_year and other_year and birth_year != other_year:
        return True
    if not (name and other_name):
        return False
    return not (Search(name).finds(other_name, 0) or Search(other_name).finds(name, 0))
