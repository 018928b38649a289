"""One photo's prediction with its explanation, and many photos one after the other."""
