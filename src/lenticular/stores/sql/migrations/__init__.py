"""Alembic's migrations of the installation's database."""
