"""What would change the diagnosis without touching the retina: one property of a photo swapped."""
