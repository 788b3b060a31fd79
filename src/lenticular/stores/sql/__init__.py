"""The relational database of an installation: the catalog, and what people do with it."""
