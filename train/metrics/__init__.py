"""Figures of a classifier, with intervals, from plain arrays."""
