"""Which photos there are: labels, sources, patients, splits."""
