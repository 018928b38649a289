"""Whether explanations agree between the eyes, photos and copies of one person, and models."""
