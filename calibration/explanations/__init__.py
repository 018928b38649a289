"""The explanation laboratory: explanations stored, averaged, compared, shaken and judged."""
