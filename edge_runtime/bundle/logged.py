"""What of a bundle goes into a log before anything that it says: which it is, and who vouches."""

import json
from typing import TYPE_CHECKING

from edge_runtime.system.codec import plain
from edge_runtime.tlog.entry import Thing

if TYPE_CHECKING:
    from edge_runtime.trust.sealed import Sealed


def bundle_things(identity: str, sealed: "Sealed | None", *, run: str = "") -> tuple[Thing, ...]:
    """Say which bundle is used from now on, by whose trust, and whether it is a way back.

    Whom a device trusts is bound by a hash with a salt, like all settings; that it went back to an
    older bundle everybody sees who sees the log.

    Args:
        identity: The bundle's.
        sealed: Who vouches for it; None where nobody was asked, and nothing is said of that.
        run: The name of the run in the log.
    """
    bundle = bytes.fromhex(identity)
    things = [Thing("bundle", bundle, run=run)]
    if sealed is not None:
        told = {
            "signers": sealed.signers,
            "release": plain(sealed.release),
            "asked": plain(sealed.asked),
        }
        things.append(Thing("trust", json.dumps(told, sort_keys=True).encode(), run=run))
        if sealed.asked and sealed.asked.is_back:
            things.append(Thing("rollback", bundle, run=run))
    return tuple(things)
