"""The commands of the engineer who trains: they parse, call and print."""
