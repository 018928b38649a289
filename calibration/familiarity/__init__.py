"""Learn what the training photographs look like to a model, so that others can be told."""
