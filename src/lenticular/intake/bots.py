"""Which user agents are those of machines: plain data, extended by hand.

Crawlers, and most monitoring, are known by ua-parser's data (the device brand `Spider`). What is here beside that runs
a page's scripts, and so sends events as people do. Each word stands in the user agent that its maker documents:

- headless browsers: Chromium's `HeadlessChrome` (chromium.org, Headless Chromium), PhantomJS, SlimerJS, HtmlUnit,
  jsdom (its README, `userAgent`), Splash, Cypress
- monitoring: Lighthouse (`Chrome-Lighthouse`, its emulation constants), Google Page Speed Insights, GTmetrix, Datadog
  (`DatadogSynthetics`, Synthetic Monitoring), Site24x7, Checkly, Catchpoint, Dynatrace (`RuxitSynthetic`), New Relic
  (`NewRelicSynthetics`), Uptrends, WebPageTest (`PTST/`), RigorBot, SpeedCurve
- what renders pages for crawlers: Prerender, Rendertron
- whoever follows the custom of crawlers to name a page about themselves: `+http…`
"""

from __future__ import annotations

import re

_SIGNS = re.compile(
    r"HeadlessChrome|PhantomJS|SlimerJS|\bjsdom/|HtmlUnit|\bSplash\b|\bCypress/"
    r"|Chrome-Lighthouse|Page Speed Insights|GTmetrix|DatadogSynthetics|Site24x7|\bCheckly\b|Catchpoint|RuxitSynthetic"
    r"|NewRelicSynthetics|\bUptrends|\bPTST/|\bRigorBot\b|SpeedCurve"
    r"|Prerender|Rendertron|\+https?://",
    re.IGNORECASE,
)
SPIDER = "Spider"
"""The brand of device that ua-parser gives to crawlers."""


def is_bot(user_agent: str, brand: str) -> bool:
    """Return whether a user agent is a machine's; `brand` is what ua-parser says of its device, empty for nothing."""
    return brand == SPIDER or _SIGNS.search(user_agent) is not None
