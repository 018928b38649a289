"""Which photos show the same eye."""
