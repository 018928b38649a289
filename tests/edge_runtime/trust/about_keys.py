"""Statements about keys, who is trusted by them, and whose signatures count then."""

from edge_runtime.trust.errors import BundleUntrustedError
from edge_runtime.trust.make_notice import rotate_key
from edge_runtime.trust.releases import Release
from edge_runtime.trust.remembered import read_notices, remember_standing
from edge_runtime.trust.sign import sign_folder
from edge_runtime.trust.verify import Trusted, verify_folder

#: On which all of them are signed.
DAY = "2026-11-28"


def public(signer):
    return signer.trusted.keys[0]


def rotated(file, old, new, **options):
    rotate_key(file, public(new), old.private, day=DAY, **options)
    return file


def trusted_by(keys, files, states, threshold=1):
    keys = tuple(map(public, keys))
    standing = remember_standing(keys, read_notices(files), states)
    return Trusted(keys, threshold=threshold, standing=standing)


def counts(folder, by, trusted, release=0):
    """Whether a signature by a key is enough."""
    sign_folder(folder, by.private, release=Release(release), replace=True)
    try:
        verify_folder(folder, trusted)
    except BundleUntrustedError:
        return False
    return True
