"""Make the site, then serve it: prints its port, and answers until it is stopped.

`python -m benchmarks.wagtail_site.serve SEGMENTS`: five of the segments have a variant of the page.
"""

from __future__ import annotations

import logging
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.wagtail_site.settings")


def main(segments: int) -> None:
    """Run on one port of the loopback interface, with four threads."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from waitress import create_server

    call_command("migrate", verbosity=0)
    _fill(segments)
    logging.getLogger("waitress").setLevel(logging.ERROR)  # that requests wait is what is measured
    server = create_server(get_wsgi_application(), host="127.0.0.1", port=0, threads=4)
    print(server.effective_port, flush=True)
    server.run()


def _fill(segments: int) -> None:
    from wagtail.models import Page, Site
    from wagtail_personalisation.models import Segment
    from wagtail_personalisation.rules import QueryRule

    from benchmarks.wagtail_site.models import HomePage

    banners = [("banner", {"title": f"Block {at}", "text": "x" * 60}) for at in range(6)]
    offers = ("offers", {"title": "For you", "items": [f"Offer {at}" for at in range(3)]})
    home = HomePage(title="Home", slug="bench", body=[*banners, offers])
    Page.objects.get(depth=1).add_child(instance=home)
    Site.objects.all().delete()
    Site.objects.create(hostname="bench", port=80, root_page=home, is_default_site=True)
    for at in range(segments):
        segment = Segment.objects.create(name=f"s{at}", persistent=True)
        QueryRule.objects.create(segment=segment, parameter="utm_campaign", value=f"c{at}")
        if at < 5:
            variant = home.personalisation_metadata.copy_for_segment(segment)
            variant.body[0] = ("banner", {"title": f"For e{at}", "text": "x" * 60})
            variant.live = True
            variant.save()


if __name__ == "__main__":
    main(int(sys.argv[1]))
