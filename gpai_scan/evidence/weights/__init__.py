"""Stored weights: how packed tensors are read, and what a weight index says."""
