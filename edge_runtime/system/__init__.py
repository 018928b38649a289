"""The computer and its disk: files, folders, digests, processor, interruptions."""
