"""Find out whether what the device shows can be trusted, and make it so."""
