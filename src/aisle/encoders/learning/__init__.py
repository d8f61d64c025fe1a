"""How a pre-trained model learns: one loop, its checkpoints, and who watches. Imports PyTorch; serving never does."""
