"""What may leave the machine: capture levels, redaction, patterns of secrets."""
