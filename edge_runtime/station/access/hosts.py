"""The names and addresses by which this computer is called."""

import array
import ipaddress
import socket
import struct
from contextlib import suppress
from urllib.parse import urlsplit

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SIOCGIFCONF, _BYTES, _IFREQ = 0x8912, 8192, 40  # of Linux on 64 bits


def plain_address(text: str) -> Address | None:
    """Read an IP address, one of IPv4 in the coat of IPv6 as itself; None where it is none."""
    try:
        found = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def is_loopback(host: str) -> bool:
    """Tell whether a host's name or address is this computer's own, which no other can reach."""
    if host == "localhost":
        return True
    found = plain_address(host)
    return found is not None and found.is_loopback


def named_in(header: str) -> str:
    """Take the host out of a Host header, in small letters and without its port and last dot."""
    try:
        return (urlsplit(f"//{header}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


def own_names() -> frozenset[str]:
    """Give the names by which others of a network may call this computer."""
    name = socket.gethostname().lower().removesuffix(".")
    short = name.partition(".")[0]
    return frozenset(each for each in (name, short, f"{short}.local") if short)


def own_addresses() -> list[str]:
    """List this computer's IPv4 addresses that others may reach, without asking the network."""
    found: list[str] = []
    with suppress(OSError, struct.error):
        found += _of_interfaces()
    if not found:
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.connect(("192.0.2.1", 9))  # sends nothing: the system only chooses a way
            found.append(asking.getsockname()[0])
    return list(dict.fromkeys(each for each in found if not is_loopback(each)))


def _of_interfaces() -> list[str]:
    """Ask the kernel, as netlink isn't open to a service that is closed in."""
    if fcntl is None or struct.calcsize("P") != 8:
        return []
    room = array.array("B", bytes(_BYTES))
    asked = struct.pack("iP", _BYTES, room.buffer_info()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        (length, _) = struct.unpack("iP", fcntl.ioctl(asking.fileno(), _SIOCGIFCONF, asked))
    told = room.tobytes()[:length]
    starts = range(0, len(told), _IFREQ)
    return [socket.inet_ntoa(told[at + 20 : at + 24]) for at in starts]
