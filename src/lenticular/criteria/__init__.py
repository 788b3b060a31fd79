"""The rule language: one tree, and what follows from it."""
