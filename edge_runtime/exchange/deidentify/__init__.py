"""Take out of photographs and results whose they are; pseudonyms that only a key leads back."""
