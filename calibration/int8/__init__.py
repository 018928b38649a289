"""Make int8 ONNX models, and find the quantisation that holds every gate."""
