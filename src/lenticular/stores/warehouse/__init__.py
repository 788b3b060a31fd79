"""Other people's databases, read only."""
