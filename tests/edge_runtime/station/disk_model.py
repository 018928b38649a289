"""A disk whose power is cut: what of the files is there afterwards, at the worst or as on ext4.

What ``fsync`` of a file promises is its content, and of a folder which names it has. All else may
be lost, or be there in part and in another order: each piece of ``SECTOR`` bytes of a write by
itself, torn at ``ATOM`` bytes, and each name by itself. On ext4 names come to the disk in their
order, and those of a file that is synced come with it; what was written stays as uncertain.

Source: fsync(2); Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014, table 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

SECTOR, ATOM = 4096, 512  # bytes

#: How much of what isn't synced comes to the disk: nothing, some of it, or all.
SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)

Kind = Literal["worst", "ext4"]


@dataclass(frozen=True)
class Written:
    """Bytes that were written to a file at an offset, or the size that it was cut to."""

    offset: int
    data: bytes | None = None


@dataclass(eq=False)
class Node:
    """A file or a folder: its content as all see it, as the disk has it, and what lies between."""

    is_folder: bool = False
    content: bytes = b""
    synced: bytes = b""
    unsynced: list[Written] = field(default_factory=list)


@dataclass(frozen=True)
class Named:
    """What happened to a name: a node got it, lost it, or has it instead of ``before``."""

    name: Path
    node: Node
    is_gone: bool = False
    before: Path | None = None


@dataclass
class Disk:
    """What stands below a folder that was always there, and what of it outlives a loss of power."""

    root: Path
    names: dict[Path, Node] = field(default_factory=dict)
    synced_names: dict[Path, Node] = field(default_factory=dict)
    unsynced_names: list[Named] = field(default_factory=list)

    def make(self, name: Path, *, is_folder: bool = False) -> Node:
        """Make a file or a folder; give what stands there where something does."""
        if name not in self.names:
            self._name(Named(name, Node(is_folder)))
        return self.names[name]

    def rename(self, before: Path, name: Path) -> None:
        """Give a file another name, which another file may have had."""
        self._name(Named(name, self.names[before], before=before))

    def unlink(self, name: Path) -> None:
        """Take a file's or a folder's name away."""
        self._name(Named(name, self.names[name], is_gone=True))

    def write(self, node: Node, offset: int, data: bytes) -> None:
        """Write to a file."""
        _apply(node, Written(offset, data))

    def cut(self, node: Node, size: int) -> None:
        """Cut a file to a size, or make it longer by zeros."""
        _apply(node, Written(size))

    def sync(self, node: Node, kind: Kind) -> None:
        """Bring a file's content to the disk, or a folder's names."""
        node.synced, node.unsynced = node.content, []
        if node.is_folder:
            (place,) = [each for each, of in self.names.items() if of is node] or [self.root]
            kept = [each for each in self.unsynced_names if each.name.parent == place]
        elif kind == "ext4":
            last = max((i for i, e in enumerate(self.unsynced_names) if e.node is node), default=-1)
            kept = self.unsynced_names[: last + 1]
        else:
            kept = []
        for each in kept:
            _rename(self.synced_names, each)
        self.unsynced_names = [each for each in self.unsynced_names if each not in kept]

    def after_a_cut(self, kind: Kind, draw: np.random.Generator) -> dict[Path, bytes | None]:
        """Draw what is there after a loss of power: contents by name, None for folders."""
        share = float(draw.choice(SHARES))
        names, lost = dict(self.synced_names), self.unsynced_names
        if kind == "ext4":
            kept = lost[: int(draw.integers(len(lost) + 1))]
        else:
            kept = [each for each in lost if draw.uniform() < share]
        for each in kept:
            _rename(names, each)
        places = {self.root}
        found: dict[Path, bytes | None] = {}
        for name in sorted(names):  # a folder before what it holds, which is lost with it
            if name.parent in places:
                node = names[name]
                found[name] = None if node.is_folder else _content(node, share, draw)
                places |= {name} if node.is_folder else set()
        return found

    def _name(self, named: Named) -> None:
        _rename(self.names, named)
        self.unsynced_names.append(named)


def _rename(names: dict[Path, Node], named: Named) -> None:
    if named.is_gone:
        if names.get(named.name) is named.node:
            del names[named.name]
        return
    if named.before is not None and names.get(named.before) is named.node:
        del names[named.before]
    names[named.name] = named.node


def _apply(node: Node, written: Written) -> None:
    node.content = _changed(node.content, written)
    node.unsynced.append(written)


def _changed(content: bytes, written: Written) -> bytes:
    at = written.offset
    before = content[:at].ljust(at, b"\0")
    if written.data is None:
        return before
    return before + written.data + content[at + len(written.data) :]


def _content(node: Node, share: float, draw: np.random.Generator) -> bytes:
    """Draw what the disk has of a file."""
    pieces = [piece for each in node.unsynced for piece in _pieces(each)]
    kept = [each for each in pieces if draw.uniform() < share]
    if share not in (0.0, 1.0):
        kept = [_torn(each, draw) if draw.uniform() < 0.1 else each for each in kept]
        kept = [kept[number] for number in draw.permutation(len(kept))]
    content = node.synced
    for each in kept:
        content = _changed(content, each)
    if len(node.content) > len(content) and draw.uniform() < 0.3:  # its size came, and no more
        lacking = len(node.content) - len(content)
        content += draw.bytes(lacking) if draw.uniform() < 0.5 else bytes(lacking)
    return content


def _pieces(written: Written) -> Sequence[Written]:
    """Divide a write where sectors begin."""
    if written.data is None:
        return [written]
    pieces, at, end = [], written.offset, written.offset + len(written.data)
    while at < end:
        until = min(end, (at // SECTOR + 1) * SECTOR)
        pieces.append(Written(at, written.data[at - written.offset : until - written.offset]))
        at = until
    return pieces


def _torn(piece: Written, draw: np.random.Generator) -> Written:
    if piece.data is None:
        return piece
    size = int(draw.integers(SECTOR // ATOM)) * ATOM
    return replace(piece, data=piece.data[:size])
