"""No way back: the release that a signer gave a bundle, and the highest that a device ran.

The idea is TUF's (specification 1.0, section 5: a client refuses what has a lower version than what
it trusted before, and what has expired). Days are those of signers: a device's clock is believed
only where it doesn't contradict what trusted keys signed, and none makes an older release newer.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from edge_runtime.system.digest import is_sha256
from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.memory_file import MemoryFile, Remembered

#: The file in which a device remembers, in its folder of states.
RELEASES = "releases.json"

#: The highest number that a release may have: JSON's readers agree on all below.
HIGHEST = (1 << 53) - 1

_LARGEST = 1 << 20  # bytes; one of a hundred bundles has 5,000


class Release(Struct, frozen=True):
    """What a signer says of a bundle's age.

    ``number`` rises with each release of one name, 0 where none was given. ``signed`` is the day of
    the signature and ``expires`` the last day on which to run it, as ``YYYY-MM-DD``; "" for none.
    """

    number: int = 0
    signed: str = ""
    expires: str = ""


class Memory(Struct, frozen=True):
    """Where a device remembers what it ran, and whether it may go back, which it says then."""

    file: Path
    allow_rollback: bool = False


class _Remembered(Remembered, frozen=True, omit_defaults=True):
    """``highest`` is a release's number by a bundle's name, ``signed`` the latest signed day.

    ``limited`` are the identities of bundles that are taken unsigned too, and ran here signed with
    a last day.
    """

    highest: Mapping[str, int] = {}
    signed: str = ""
    limited: tuple[str, ...] = ()


def check_release(folder: Path, name: str, release: Release, memory: Memory, *, today: date) -> str:
    """Refuse what is older than what was run under this name, or has expired.

    Args:
        folder: The bundle's, for the sentence.
        name: The bundle's name, as its manifest has it.
        release: As it was signed.
        memory: What the device ran.
        today: By the device's clock, which may be wrong.

    Returns:
        What to say of a bundle that is taken though it is older, or though it was signed on a day
        that is still to come; "" otherwise.

    Raises:
        BundleUntrustedError: It is older, has expired, or can't be told for a wrong clock.
        StoreInvalidError: What was remembered can't be read.
    """
    known = MEMORY.recall(memory.file)
    _check_day(folder, release, known.signed, today)
    ahead = _told_ahead(release, today)
    highest = known.highest.get(name, 0)
    if release.number >= highest:
        return ahead
    said = f"its release is {release.number}" if release.number else "it has no release number"
    older = f"{said}, and this device ran release {highest} of '{name}'"
    if memory.allow_rollback:
        back = f"{older}; it is taken because of --allow-rollback"
        return f"{back}; {ahead}" if ahead else back
    raise BundleUntrustedError(
        folder, f"{older}; take the newer one, or go back with --allow-rollback if you mean it"
    )


def remember_release(name: str, release: Release, memory: Memory, *, today: date) -> None:
    """Remember that a release was run, where it is higher than all before.

    Nothing is remembered of a bundle of whose age its signer said nothing, nor the day of a
    signature that is still to come: one whose clock was ahead would end all bundles for ever.

    Args:
        name: The bundle's name.
        release: As it was signed.
        memory: Where to.
        today: By the device's clock.

    Raises:
        OutputFailedError: It can't be written.
        StoreInvalidError: What was remembered can't be read.
    """
    if not (release.number or release.expires):
        return
    if _is_ahead(release, today):
        release = replace(release, signed="")
    if _raised(MEMORY.recall(memory.file), name, release):
        MEMORY.amend(memory.file, lambda known: _raised(known, name, release) or known)


def highest_releases(file: Path) -> Mapping[str, int]:
    """Say which release was the highest of each bundle, by its name.

    Raises:
        StoreInvalidError: What was remembered can't be read.
    """
    return MEMORY.recall(file).highest


def told_age(release: Release) -> str:
    """Say what a signer said of a bundle's age, to stand behind whose it is; "" for nothing."""
    said = f", release {release.number}" if release.number else ""
    said += f", signed on {release.signed}" if release.signed else ""
    return said + (f", to be run until {release.expires}" if release.expires else "")


def told_doubt(release: Release, *, today: date) -> str:
    """Say what of a bundle's age can't be or is over, by a clock that may be wrong; "" for nothing.

    Args:
        release: As it was signed.
        today: By the clock.
    """
    if release.expires and today.isoformat() > release.expires:
        return f"its last day ({release.expires}) is over by this computer's clock"
    return _told_ahead(release, today)


def told_limits(release: Release) -> str:
    """Say by which number and last day a bundle is taken, in a clause of its own."""
    number = f"release {release.number}" if release.number else "no release number"
    return f"{number} and {f'the last day {release.expires}' if release.expires else 'no last day'}"


def check_day(text: str) -> None:
    """Check that a text is a day.

    Raises:
        ValueError: With a clause that says so.
    """
    try:
        is_day = date.fromisoformat(text).isoformat() == text
    except ValueError:
        is_day = False
    if not is_day:
        raise ValueError(f"has '{text[:20]}' that isn't a day (YYYY-MM-DD)")


def _check_day(folder: Path, release: Release, known: str, today: date) -> None:
    """Refuse what has expired by the clock or by what others signed since.

    Args:
        folder: The bundle's.
        release: As it was signed.
        known: The latest day of a signature that ran here; "" for none.
        today: By the device's clock.
    """
    if not release.expires:
        return
    last = f"it was to be run until {release.expires}"
    if today.isoformat() > release.expires:
        remedy = "get the next release, or set the clock if it is wrong"
        raise BundleUntrustedError(folder, f"{last}, and it is {today.isoformat()}; {remedy}")
    latest = max(known, release.signed)
    ran = f"a bundle ran here that was signed on {latest}"
    signed = ran if known == latest else f"it was signed on {latest}"
    if latest > release.expires:
        remedy = "get the next release; docs/security.md says what to do if that day is wrong"
        raise BundleUntrustedError(folder, f"{last}, and {signed}; {remedy}")
    if latest and _is_after(latest, today):
        raise BundleUntrustedError(
            folder,
            f"the computer's clock says {today.isoformat()}, and {signed}, so nobody can tell "
            f"whether its last day ({release.expires}) is over; set the clock",
        )


def _told_ahead(release: Release, today: date) -> str:
    if not _is_ahead(release, today):
        return ""
    return (
        f"it says that it was signed on {release.signed}, and this computer's clock says "
        f"{today.isoformat()}; one of the two clocks is wrong, so set this one or have it signed "
        f"anew"
    )


def _is_ahead(release: Release, today: date) -> bool:
    return bool(release.signed) and _is_after(release.signed, today)


def _is_after(day: str, today: date) -> bool:
    """Tell whether a day is still to come, by more than clocks of two places differ."""
    return (date.fromisoformat(day) - today).days > 1


def _check(known: _Remembered) -> None:
    if known.signed:
        check_day(known.signed)
    if not all(map(is_sha256, known.limited)):
        raise ValueError("it has an identity that is none")


def _raised(known: _Remembered, name: str, release: Release) -> _Remembered | None:
    """Raise what is remembered; None where that is no less already."""
    signed = max(known.signed, release.signed)
    if release.number <= known.highest.get(name, 0) and signed == known.signed:
        return None
    highest = {**known.highest, name: max(release.number, known.highest.get(name, 0))}
    return replace(known, highest=highest, signed=signed)


#: The kind of file in which it is remembered.
MEMORY = MemoryFile(
    _Remembered,
    schema=1,
    largest=_LARGEST,
    remedy="it has which releases were run here; docs/security.md says what to do",
    check=_check,
)
