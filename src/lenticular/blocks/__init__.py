"""Kinds of blocks, their settings and templates, and the HTML of a decision. Pure: what lies in files is handed in."""
