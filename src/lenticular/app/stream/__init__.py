"""What screens are told while they are open: one stream per site (ADR 0031)."""
