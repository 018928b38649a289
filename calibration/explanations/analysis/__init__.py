"""Where the evidence of many photos lies, and how alike it is."""
