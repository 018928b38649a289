"""Explanations of many photos, stored whole or not at all, and read again."""
