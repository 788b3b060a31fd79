"""The stores of one data folder on SQLite: the journal, and the profiles with their outbox."""
