"""Examine every model of a bundle, and write the page and the verdict."""
