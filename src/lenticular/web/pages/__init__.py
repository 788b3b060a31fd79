"""Hosted pages: a site on Lenticular itself (ADR 0041)."""
