"""The tables of a site's database, in numbered steps that are each applied once."""
