"""How small and fast can a model be and still find the right things? Imports PyTorch; serving never does."""
