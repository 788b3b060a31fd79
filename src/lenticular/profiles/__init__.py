"""What is known of a visitor, and how an event changes it."""
