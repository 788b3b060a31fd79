"""The demo bank "Aurora": its catalog, its people, its traffic."""
