"""Parts of the card reader: lines, text, numbers, tables, subjects, rules and products.

`gpai_scan.evidence.card` puts them together.
"""
