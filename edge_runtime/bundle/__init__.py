"""What is read from a bundle and checked before any of it runs."""
