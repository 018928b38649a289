"""Make TFLite models and add them to a bundle."""
