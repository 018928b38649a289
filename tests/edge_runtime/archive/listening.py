"""Find at which addresses a process listens."""

from pathlib import Path

_LISTENS = "0A"

#: 127.0.0.1, and the same within IPv6, as Linux writes them.
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}


def file_of(handle):
    try:
        return str(handle.readlink())
    except OSError:  # it is closed by now
        return ""


def listening(process):
    """List the addresses at which a process listens."""
    try:
        inodes = {file_of(handle) for handle in Path(f"/proc/{process}/fd").iterdir()}
        rows = [
            line.split()
            for name in ("tcp", "tcp6")
            for line in Path(f"/proc/{process}/net/{name}").read_text().splitlines()[1:]
        ]
    except OSError:  # it has ended
        return []
    return [
        row[1].partition(":")[0]
        for row in rows
        if row[3] == _LISTENS and f"socket:[{row[9]}]" in inodes
    ]
