"""Models to compare, whatever runs them, and the photos that they are asked about."""
