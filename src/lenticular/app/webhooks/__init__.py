"""Webhooks at work: kept, told, sent, tried again (ADR 0030)."""
