"""Tallies: the running state of behavioural conditions, one per profile and behaviour."""
