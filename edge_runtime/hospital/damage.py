"""Say in one clause what is wrong with a DICOM file, whatever its readers raise and print."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

for _name in ("pydicom", "openjpeg", "pylibjpeg"):  # what they say is said once, by us
    logging.getLogger(_name).addHandler(logging.NullHandler())
    logging.getLogger(_name).propagate = False


class ClauseError(ValueError):
    """What is wrong with a DICOM file, to stand after "the DICOM file"."""


@contextmanager
def in_words(otherwise: str) -> Iterator[None]:
    """Turn what damage makes the readers of DICOM raise into a clause, and keep them quiet.

    Args:
        otherwise: The clause for what has none of its own.

    Raises:
        ClauseError: Something is wrong.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (MemoryError, OSError, ClauseError):
            raise
        except Exception as error:  # they have no class in common
            raise ClauseError(otherwise) from error
