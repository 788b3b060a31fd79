"""Randomised comparisons."""
