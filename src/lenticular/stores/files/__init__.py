"""Catalogs as folders of YAML files."""
