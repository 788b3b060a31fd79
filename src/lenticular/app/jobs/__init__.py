"""Jobs: one loop, and a file for each kind. A new kind is a new file and a line in `kinds.py` (ADR 0028)."""
