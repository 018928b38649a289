"""What is wrong with a dataset, and a split that no group straddles."""
