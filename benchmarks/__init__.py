"""Ratios measured in one run: ours beside others, on the same data."""
