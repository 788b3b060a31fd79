"""The HTTP face: raw ASGI for the hot path, Litestar for the rest."""
