"""From a message on the wire to a normalised event: pure, and the only way in for untyped values."""
