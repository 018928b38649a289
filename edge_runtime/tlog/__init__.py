"""The log that nobody can edit unseen: a Merkle tree of what happened, as hashes."""
