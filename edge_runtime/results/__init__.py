"""The folder that a run writes: records, tables, overlays and the report."""
