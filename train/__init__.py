"""Read a dataset, fit the two phases, evaluate: ends in a run folder."""
