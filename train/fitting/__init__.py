"""Fit the classifier and write its run folder."""
