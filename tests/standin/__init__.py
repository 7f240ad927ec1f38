"""A small hub over real HTTP, with every fault the real one shows."""
