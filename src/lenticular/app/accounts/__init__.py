"""What is done with accounts, one verb per file."""
