"""What the tests that sign in know."""

#: The password of their station.
TOLD = "tres ojos azules"
