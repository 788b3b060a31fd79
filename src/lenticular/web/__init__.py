"""HTTP: the hot path in raw ASGI, everything else in Litestar behind it."""
