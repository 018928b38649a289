"""Turn a run into a bundle: ONNX, TFLite, parity with Keras."""
