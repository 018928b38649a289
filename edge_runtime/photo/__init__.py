"""From a file to the round field that the model sees, and whether it can be graded."""
