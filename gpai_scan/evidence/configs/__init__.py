"""Arithmetic over configuration files: decoding, spellings, families and their formulas."""
