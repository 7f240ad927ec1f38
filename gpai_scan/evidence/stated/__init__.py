"""Parts of the reader of statements: passages, names of models, derivations, licences, remarks.

`gpai_scan.evidence.statements` puts them together.
"""
