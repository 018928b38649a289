"""The classifier as a Keras model: layers, loss, inference, Grad-CAM."""
