"""How many models and entities lie above a training-compute threshold, with the evidence."""

__version__ = "0.1.0"
