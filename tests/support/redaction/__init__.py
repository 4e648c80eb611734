"""Made secrets, the encodings in which they turn up, and innocent text: what the redactor is measured against.

Everything is made by code from a seed, so that no file of this repository holds anything that looks like a secret.
"""
