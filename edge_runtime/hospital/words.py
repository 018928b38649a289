"""Tell which words of people DICOM takes as they are: a line, and a person's name.

Source: DICOM PS3.5, 6.2, the value representations LO and PN, and 6.2.1.
"""

import re

#: The most letters of a line, and of a name in each of its scripts.
MOST = 64

_PART = r"[^\\=^]*(?:\^[^\\=^]*){0,4}"
_NAME = re.compile(rf"{_PART}(?:={_PART}){{0,2}}")


def is_line(told: str) -> bool:
    r"""Tell whether a text is one line of at most ``MOST`` letters, no \ and no spaces around."""
    is_plain = told.isprintable() and "\\" not in told
    return is_plain and len(told) <= MOST and told == told.strip()


def plain_name(told: str) -> str:
    """Write a person's name, in at most three scripts, without the spaces around each.

    Returns:
        It; "" where the text is no name.
    """
    groups = [each.strip() for each in told.split("=")]
    name = "=".join(groups)
    return name if all(map(is_line, groups)) and _NAME.fullmatch(name) else ""
