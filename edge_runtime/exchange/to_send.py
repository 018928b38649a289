"""Choose of files and folders what is to be sent, and put it into the queue."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from edge_runtime.errors import PhotoNotFoundError, printable
from edge_runtime.exchange.errors import NotSendableError
from edge_runtime.exchange.outbox import Added, Outbox
from edge_runtime.exchange.outbox_form import Parcel, Peer
from edge_runtime.system.digest import sha256

#: Makes of a file what it is in the queue. It raises ``NotSendableError`` for what can't be sent.
Reader: TypeAlias = Callable[[Path], Parcel]


def queue_up(
    outbox: Outbox,
    peer: Peer,
    places: Sequence[Path],
    *,
    read: Reader,
    is_one: Callable[[Path], bool],
    tell: Callable[[Exception], None],
) -> Counter[Added]:
    """Put files into the queue, and those of folders that are such.

    Args:
        outbox: The queue.
        peer: Whom they are for.
        places: Files and folders.
        read: Reads what a file is.
        is_one: Tells of a file in a folder whether it is meant.
        tell: Is called with each error of a file; the others go on.

    Returns:
        How many are new, wait already, and were sent before.

    Raises:
        OSError: The queue can't be written.
    """
    counts = Counter[Added]()
    for file in files_of(places, is_one=is_one, tell=tell):
        added = _added(outbox, peer, file, read, tell)
        counts.update([] if added is None else [added])
    return counts


def _added(
    outbox: Outbox, peer: Peer, file: Path, read: Reader, tell: Callable[[Exception], None]
) -> Added | None:
    try:
        return outbox.add(read(file), file, peer)
    except NotSendableError as error:
        tell(error)
    except OSError as error:
        if error.filename != str(file):  # it isn't the file that can't be read
            raise
        tell(NotSendableError(file, (error.strerror or str(error)).lower()))
    return None


def files_of(
    places: Sequence[Path],
    *,
    is_one: Callable[[Path], bool],
    tell: Callable[[Exception], None],
) -> Iterator[Path]:
    """Give the files that are named, and those of folders, in order, each once.

    Hidden files, and links in folders, are passed over.
    """
    seen = set[Path]()
    for place in places:
        if place.is_dir():
            inside = (each for each in sorted(place.rglob("*")) if _is_open(each, place))
            found = [each for each in inside if is_one(each)]
            if not found:
                tell(NotSendableError(place, "nothing in the folder can be sent"))
        elif place.exists():
            found = [place]
        else:
            tell(PhotoNotFoundError(place))
            continue
        for file in found:
            whole = file.resolve()
            if whole not in seen:
                seen.add(whole)
                yield file


def parcel_of(file: Path, identity: str, title: str, *, may_change: bool) -> Parcel:
    """Make what a file is in the queue.

    Args:
        file: It.
        identity: What the peer knows it by; "" for its bytes.
        title: What kind of thing it is.
        may_change: Whether another content may come under this identity.

    Raises:
        OSError: It can't be read.
    """
    name = printable(file.name)
    digest = sha256(file)
    return Parcel(
        identity or f"sha256:{digest}", digest, file.stat().st_size, title, name, may_change
    )


def _is_open(file: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    return not hidden and file.is_file() and not file.is_symlink()
