"""Read out of a photo's file name whom it is of."""

import re
from pathlib import Path

#: Names like 17_left.jpg, P1_OD.jpg, 9-re.jpg and, with a digit in the patient's part, such where
#: something follows the eye: P1_OS_2024.jpg. A pattern is searched for in the name without its
#: ending. The first eye in a name counts, so that both eyes give the patient the same name.
PATIENT_PATTERN = (
    r"^(?P<patient>.*?\d.*?|.+(?=[_-][a-z]+$))[_-](?P<eye>left|right|o[dsi]|[lr]e?)(?:[_-].*)?$"
)


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a patient pattern, ignoring case.

    Raises:
        ValueError: It is no regular expression or has no group named ``patient``.
    """
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    if "patient" not in compiled.groupindex:
        raise ValueError("it needs a group (?P<patient>...) around the patient's number or name")
    return compiled


def patient_of(photo: Path, *, pattern: str | None = PATIENT_PATTERN) -> str | None:
    """Read the patient out of a file's name; None where the pattern doesn't match."""
    return parts_of_name(photo, pattern).get("patient")


def parts_of_name(photo: Path, pattern: str | None) -> dict[str, str | None]:
    """Read what a pattern's groups find in a file's name; nothing where it doesn't match."""
    match = compile_pattern(pattern).search(photo.stem) if pattern is not None else None
    return match.groupdict() if match else {}
