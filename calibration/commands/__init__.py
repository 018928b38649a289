"""The commands of the quality manager: they parse, call and print."""
