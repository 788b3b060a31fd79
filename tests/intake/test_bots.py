"""Machines are told from people by their user agents."""

from __future__ import annotations

import pytest

from lenticular.intake.agent import device_values
from lenticular.intake.context import context_values
from lenticular.intake.sender import Sender

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
LINUX, WINDOWS = f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT}", f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT}"

BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    f"{WINDOWS[:-1]}; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/103.0 Safari/537.36",
    f"Mozilla/5.0 {WEBKIT[:-1]}; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Twitterbot/1.0",
    f"{LINUX} HeadlessChrome/124.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1",
    "Mozilla/5.0 (linux) AppleWebKit/537.36 (KHTML, like Gecko) jsdom/20.0.0",
    f"{WINDOWS} Chrome/124.0.0.0 Safari/537.36 Chrome-Lighthouse",
    f"{LINUX} Chrome/124.0.0.0 Safari/537.36 DatadogSynthetics",
    f"{LINUX} Chrome/61.0 Safari/537.36 PingdomPageSpeed/1.0 (pingbot/2.0; +http://www.pingdom.com/)",
    f"{WINDOWS} Chrome/120.0.0.0 Safari/537.36 PTST/240101.100",
    "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    f"{LINUX} Chrome/120.0.0.0 Safari/537.36 Prerender (+https://github.com/prerender/prerender)",
)
PEOPLE = (
    f"{WINDOWS} Chrome/126.0.0.0 Safari/537.36",
    f"{LINUX} Chrome/126.0.0.0 Safari/537.36 Electron/31.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    f"Mozilla/5.0 (Linux; Android 10; CUBOT X18 Plus) {WEBKIT} Chrome/90.0 Mobile Safari/537.36",  # a phone's brand
    f"Mozilla/5.0 (Linux; Android 14; SM-X710) {WEBKIT} SamsungBrowser/25.0 Chrome/121.0 Safari/537.36",
    # libraries that send events for people
    "analytics-python/2.3.2",
    "python-requests/2.31.0",
    "okhttp/4.12.0",
    "Go-http-client/1.1",
    "",
)


@pytest.mark.parametrize(("agent", "bot"), [*((each, True) for each in BOTS), *((each, False) for each in PEOPLE)])
def test_user_agents(agent: str, bot: bool) -> None:
    assert device_values({}, agent).get("b_bot", False) is bot
    assert device_values({"userAgent": agent}, "").get("b_bot", False) is bot


def test_a_site_may_say_so_itself_and_only_a_server_may_deny_it() -> None:
    bot = Sender(user_agent=BOTS[0])
    assert context_values({"bot": True}, {})["b_bot"] is True
    assert context_values({"bot": False}, {}, bot)["b_bot"] is True
    assert "b_bot" not in context_values({"bot": False, "userAgent": BOTS[0]}, {}, trusted=True)
    assert "b_bot" not in context_values({"bot": "yes"}, {})
