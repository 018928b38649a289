"""What a process asked of its files, call by call, as strace writes it down."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pytest

from tests.conftest import ROOT
from tests.edge_runtime.station.disk_model import Disk, Kind, Node

#: What changes files in ways that the model knows, and what it doesn't, which fails the test.
_KNOWN = (
    "openat", "open", "creat", "close", "dup", "lseek", "write", "pwrite64", "ftruncate", "rename",
    "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "fsync",
    "fdatasync",
)  # fmt: skip
_UNKNOWN = (
    "writev", "pwritev", "pwritev2", "truncate", "link", "linkat", "symlink", "symlinkat",
    "sendfile", "copy_file_range", "fallocate", "mmap", "sync_file_range", "dup2", "dup3", "splice",
)  # fmt: skip

_CALL = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+|\?|0x[0-9a-f]+).*")
_UNFINISHED = re.compile(r"(\d+) +(.*) <unfinished \.\.\.>")
_RESUMED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


@dataclass(frozen=True)
class Call:
    """A call that came back: ``texts`` are its names and data, ``words`` all of its arguments."""

    name: str
    words: tuple[str, ...]
    texts: tuple[bytes, ...]
    gave: int


def traced(code: str, *arguments: object, log: Path) -> list[Call]:
    """Run code to its end under strace, and give what it asked of its files.

    Where processes can't be traced that is a failure in CI, and said elsewhere.
    """
    if shutil.which("strace") is None:
        _cannot("there is no strace: apt install strace")
    command = ["strace", "-f", "-q", "-xx", "-s", "100000000", "-o", str(log)]
    command += ["-e", f"trace={','.join(_KNOWN + _UNKNOWN)}", "-e", "signal=none"]
    run = subprocess.run(
        [*command, sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "ptrace" in run.stderr.casefold():
        _cannot("processes can't be traced here: allow ptrace, as --cap-add SYS_PTRACE does")
    assert run.returncode == 0, run.stderr
    return [*calls(log.read_text("ascii"))]


def _cannot(sentence: str) -> NoReturn:
    if os.environ.get("FUNDUS_EDGE_STRACE") == "required":
        pytest.fail(sentence)
    pytest.skip(sentence)


def calls(log: str) -> Iterator[Call]:
    """Read strace's log; a call that others came between counts when it came back."""
    begun: dict[str, str] = {}
    for line in log.splitlines():
        if unfinished := _UNFINISHED.fullmatch(line):
            begun[unfinished[1]] = unfinished[2]
            continue
        resumed = _RESUMED.fullmatch(line)
        whole = f"{resumed[1]} {begun.pop(resumed[1])}{resumed[2]}" if resumed else line
        if (call := _CALL.fullmatch(whole)) and not call[4].startswith(("-", "?")):
            texts = _TEXT.findall(call[3])
            assert not any(is_cut for _, is_cut in texts), "strace -s is too short"
            data = tuple(bytes.fromhex(text.replace("\\x", "")) for text, _ in texts)
            words = tuple(_TEXT.sub('"', call[3]).split(", "))
            yield Call(call[2], words, data, int(call[4], 0))


@dataclass
class _Handle:
    node: Node
    at: int = 0
    is_appended: bool = False


@dataclass
class Replay:
    """Lets calls happen on a disk; ``said`` are the lines that the process wrote until now."""

    disk: Disk
    kind: Kind
    said: list[str] = field(default_factory=list)
    _handles: dict[int, _Handle] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._root = Node(is_folder=True)

    def do(self, call: Call) -> bool:
        """Let a call happen; tell whether it was about the disk."""
        if call.name in ("write", "pwrite64") and call.words[0] == "1":
            self.said += call.texts[0].decode().splitlines()
            return False
        handle = self._handles.get(int(call.words[0])) if call.words[0].isdecimal() else None
        if call.name == "mmap":  # private ones, and those that are only read, change no file
            handle = self._handles.get(int(call.words[4])) if call.words[4].isdecimal() else None
            handle = handle if {"PROT_WRITE", "MAP_SHARED"} <= _flags(call) else None
        paths = [Path(os.fsdecode(text)) for text in call.texts] if handle is None else []
        if handle is None and not any(self._is_here(path) for path in paths):
            return False
        assert call.name not in _UNKNOWN, f"the model knows no {call.name}"
        on_handle: dict[str, Callable[[Call, _Handle], None]] = {
            "write": self._write, "pwrite64": self._write, "lseek": self._seek,
            "ftruncate": lambda call, handle: self.disk.cut(handle.node, int(call.words[1])),
            "fsync": lambda _, handle: self.disk.sync(handle.node, self.kind),
            "fdatasync": lambda _, handle: self.disk.sync(handle.node, self.kind),
            "close": lambda call, _: self._close(int(call.words[0])),
            "dup": lambda call, handle: self._handles.update({call.gave: handle}),
        }  # fmt: skip
        if handle is not None:
            on_handle[call.name](call, handle)
        else:
            self._named(call, paths)
        return True

    def _named(self, call: Call, paths: list[Path]) -> None:
        """Let happen what is about names."""
        if call.name.startswith("rename"):
            self.disk.rename(*paths)
        elif call.name.startswith(("unlink", "rmdir")):
            self.disk.unlink(paths[0])
        elif call.name.startswith("mkdir"):
            self.disk.make(paths[0], is_folder=True)
        elif paths[0] == self.disk.root:
            self._handles[call.gave] = _Handle(self._root)
        else:
            flags = _flags(call)
            node = self.disk.make(paths[0])
            if "O_TRUNC" in flags and node.content:
                self.disk.cut(node, 0)
            self._handles[call.gave] = _Handle(node, is_appended="O_APPEND" in flags)

    def _write(self, call: Call, handle: _Handle) -> None:
        if call.name == "pwrite64":
            at = int(call.words[3])
        else:
            at = len(handle.node.content) if handle.is_appended else handle.at
            handle.at = at + call.gave
        self.disk.write(handle.node, at, call.texts[0][: call.gave])

    def _seek(self, call: Call, handle: _Handle) -> None:
        handle.at = call.gave

    def _close(self, number: int) -> None:
        del self._handles[number]

    def _is_here(self, path: Path) -> bool:
        return path == self.disk.root or self.disk.root in path.parents


def _flags(call: Call) -> set[str]:
    return {flag for word in call.words for flag in word.split("|")}
