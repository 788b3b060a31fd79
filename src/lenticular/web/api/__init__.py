"""The admin API: Litestar, OpenAPI 3.1, problem+json."""
