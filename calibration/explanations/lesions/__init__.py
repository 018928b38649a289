"""Whether the evidence of a map lies on lesions that people have marked."""
