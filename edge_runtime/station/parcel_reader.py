"""Read a ZIP file that ``parcel`` wrote, and nothing else: whoever carries it may change it."""

import hashlib
import hmac
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from edge_runtime.errors import FundusError, printable
from edge_runtime.station.parcel import SUMS
from edge_runtime.system.files import replacing

_CHUNK = 1 << 20  # bytes
_MOST_SUMS = 100_000_000  # bytes: a million files
_SUM = re.compile(r"([0-9a-f]{64})  ([^\n]+)")
_ENCRYPTED = 1


class ParcelInvalidError(FundusError, ValueError):
    """An archive that isn't whole, or isn't one of a station."""

    def __init__(self, file: Path, cause: str) -> None:
        self.file, self.cause = file, cause
        super().__init__(
            f"{printable(file)}: can't be used: {printable(cause)}; nothing of it was taken: try "
            "another copy of it"
        )


def check_parcel(file: Path, names: re.Pattern[str]) -> list[str]:
    """Read all of an archive and give the names of its files.

    Args:
        file: The archive.
        names: What its files may be called.

    Raises:
        ParcelInvalidError: It is damaged, or has what isn't in its list, or not all of that.
        OSError: It can't be read.
    """
    found = []
    for name, pieces in _contents(file, names):
        for _ in pieces:
            pass
        found.append(name)
    return found


def unpack_parcel(file: Path, names: re.Pattern[str], folder: Path) -> list[str]:
    """Write an archive's files into a folder that is there and empty; likewise.

    Raises:
        ParcelInvalidError: As ``check_parcel``; what is in the folder then is worth nothing.
        OSError: It can't be read, or a file not be written.
    """
    found = []
    for name, pieces in _contents(file, names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with replacing(folder / name, private=True, sync=False) as target:
            target.writelines(pieces)
        found.append(name)
    return found


def _contents(file: Path, names: re.Pattern[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Give names and pieces, each to be taken to its end, and the list of hashes at last."""
    with _in_words(file), zipfile.ZipFile(file) as archive:
        entries = {each.filename: each for each in archive.infolist()}
        if len(entries) < len(archive.infolist()):
            raise ParcelInvalidError(file, "it has two files of one name")
        for name, entry in entries.items():
            mode = entry.external_attr >> 16
            plain = entry.compress_type == zipfile.ZIP_STORED and not entry.flag_bits & _ENCRYPTED
            plain = plain and entry.file_size == entry.compress_size
            if not plain or (stat.S_IFMT(mode) not in (0, stat.S_IFREG)):
                raise ParcelInvalidError(file, f"'{name}' isn't a file as a station stores it")
            if name != SUMS and not names.fullmatch(name):
                raise ParcelInvalidError(file, f"'{name}' is no file that a station puts there")
        if sum(each.file_size for each in entries.values()) > file.stat().st_size:
            raise ParcelInvalidError(file, "its files are larger than itself")
        sums = _sums(file, archive, entries.pop(SUMS, None))
        if sums.keys() != entries.keys():
            odd = min(sums.keys() ^ entries.keys())
            raise ParcelInvalidError(file, f"'{odd}' isn't both in its list and in it")
        for name, entry in entries.items():
            with archive.open(entry) as opened:
                yield name, _checked(opened, file, name, sums[name])
        yield SUMS, iter(["".join(f"{sums[name]}  {name}\n" for name in sums).encode()])


def _sums(file: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo | None) -> Mapping[str, str]:
    if entry is None or entry.file_size > _MOST_SUMS:
        raise ParcelInvalidError(file, f"it has no list of hashes, {SUMS}, so it isn't whole")
    lines = archive.read(entry).decode("utf-8").splitlines()
    found = [_SUM.fullmatch(line) for line in lines]
    if not all(found):
        raise ParcelInvalidError(file, f"{SUMS} isn't a list of hashes")
    return {each[2]: each[1] for each in found if each}


def _checked(opened: IO[bytes], file: Path, name: str, expected: str) -> Iterator[bytes]:
    digest = hashlib.sha256()
    with _in_words(file):
        while piece := opened.read(_CHUNK):
            digest.update(piece)
            yield piece
    if not hmac.compare_digest(digest.hexdigest(), expected):
        raise ParcelInvalidError(file, f"'{name}' isn't what was put there")


@contextmanager
def _in_words(file: Path) -> Iterator[None]:
    """Turn what ``zipfile`` raises of damaged files into one error."""
    try:
        yield
    except (
        zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError,
        struct.error, zlib.error, ValueError, IndexError,
    ) as error:  # fmt: skip
        if isinstance(error, FundusError):
            raise
        raise ParcelInvalidError(file, "it is no whole ZIP file") from error
