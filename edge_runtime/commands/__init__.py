"""The command line of the device: it parses, calls and prints."""
