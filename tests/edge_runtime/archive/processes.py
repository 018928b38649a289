"""Find what a process has started."""

from pathlib import Path


def children():
    """Give the processes of this system by their parents'."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parent = int(stat.rpartition(")")[2].split()[1])
            found.setdefault(parent, []).append(int(entry.name))
    return found


def below(process):
    """List the processes that a process has started, and those that they have."""
    by_parent, found = children(), [process]
    for each in found:
        found += by_parent.get(each, [])
    return found[1:]


def called(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
