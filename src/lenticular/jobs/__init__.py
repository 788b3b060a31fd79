"""What the server does beside answering: one row per piece of work."""
