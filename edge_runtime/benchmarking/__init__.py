"""How quick a model is on this computer, and what memory it takes."""
