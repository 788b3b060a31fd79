"""Lenticular inside a Python program: rules, decisions and their reasons, without a server or a store."""
