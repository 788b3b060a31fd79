"""What `python -m django makemigrations wagtail_site` wrote."""
