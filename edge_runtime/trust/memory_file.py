"""A file in which a device remembers something: read with bounds, and replaced one after another.

Others may write at the same moment: what is there is read again under the claim to replace it.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from msgspec import Struct

from edge_runtime.errors import StoreInvalidError
from edge_runtime.system.codec import parse, plain, read
from edge_runtime.system.files import make_folder, one_sentence, replacing


class Remembered(Struct, frozen=True):
    """What every such file has; all else has a default, which is what an empty memory holds."""

    schema: int


_T = TypeVar("_T", bound=Remembered)


class MemoryFile(Generic[_T]):
    """A kind of such file: what it holds, and how it is checked."""

    def __init__(
        self,
        form: type[_T],
        *,
        schema: int,
        largest: int,
        remedy: str,
        check: Callable[[_T], None],
    ) -> None:
        """Say what it is.

        Args:
            form: What it holds.
            schema: The number of its form.
            largest: Bytes that it may have.
            remedy: A clause of what to do about a damaged one.
            check: Raises ValueError with a clause where something in it can't be.
        """
        self._form, self.schema, self._largest = form, schema, largest
        self._remedy, self._check = remedy, check

    def recall(self, file: Path) -> _T:
        """Read what is remembered; nothing where there is no file.

        Raises:
            StoreInvalidError: It can't be read.
        """
        try:
            with file.open("rb") as stream:
                data = stream.read(self._largest + 1)
        except FileNotFoundError:
            return self._form(self.schema)
        except OSError as error:
            raise self.damaged(file, (error.strerror or str(error)).lower()) from error
        try:
            if len(data) > self._largest:
                raise ValueError(f"it has more than {self._largest} bytes")
            found = read(parse(data), self._form)
            if found.schema != self.schema:
                raise ValueError(f"it has schema {found.schema}, not {self.schema}")
            self._check(found)
        except ValueError as error:
            raise self.damaged(file, str(error)) from error
        return found

    def amend(self, file: Path, change: Callable[[_T], _T]) -> None:
        """Replace what is remembered by what is made of it, for the user's eyes alone.

        Args:
            file: It, which need not be there.
            change: Makes of what is there what shall be; asked under the claim to replace it.

        Raises:
            OutputFailedError: It can't be written.
            StoreInvalidError: What was remembered can't be read.
        """
        with one_sentence(file):
            make_folder(file.parent, mode=0o700)
            with replacing(file, private=True) as stream:
                after = plain(change(self.recall(file)))
                stream.write((json.dumps(after, indent=2, sort_keys=True) + "\n").encode())

    def damaged(self, file: Path, cause: str) -> StoreInvalidError:
        """Say what is wrong with one."""
        return StoreInvalidError(file, cause, self._remedy)
