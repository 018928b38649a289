"""The operator's page: what a camp's store holds, shown and decided upon in a browser."""
