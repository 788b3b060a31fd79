"""What other systems are told by HTTP: whom, what, signed how, tried how often. Nothing here sends (ADR 0030)."""
