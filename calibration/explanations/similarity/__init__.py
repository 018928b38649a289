"""How alike two models explain the same photos."""
