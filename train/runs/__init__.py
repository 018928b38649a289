"""What a training was told, and what its folder keeps."""
