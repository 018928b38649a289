"""How explanations hold when a photo is changed a little."""
