"""The page of `benchmarks/pages.py` as a site of Wagtail with wagtail-personalisation, to be measured beside it.

A small Django project of its own, run by a Python environment of its own (`benchmarks/_wagtail.py` makes it).
"""
