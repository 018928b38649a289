"""Whether the model's answer hangs on what its explanation shows."""
