"""The embedding model as files: where its weights are, and how they become a small ONNX model."""
