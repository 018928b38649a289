"""Whether a bundle comes from whom it should: keys, signatures, and what was signed."""
