"""A record of what the commands print and write, and the test that they still do."""
