"""Open a model of a bundle in ONNX Runtime or LiteRT, and run it by the contract's names."""
