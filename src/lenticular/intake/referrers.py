"""Which hosts and campaign sources are search engines, social networks and mail: plain data, extended by hand.

A host counts with its subdomains (`r.search.yahoo.com` is `search.yahoo.com`), a shop of search engines by its name
under any country's domain (`google.co.uk`). Apps on Android send their package name as the referrer's host.
"""

from __future__ import annotations

SEARCH_NAMES = frozenset(("bing", "google", "seznam", "yahoo", "yandex"))
"""Search engines at `NAME.TLD`, `www.NAME.TLD` and `m.NAME.TLD`, whatever the TLD: their other subdomains are not."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SEARCH = _words("""
    360.cn ask.com baidu.com coccoc.com daum.net duckduckgo.com ecosia.org goo.ne.jp haosou.com kagi.com mojeek.com
    presearch.com qwant.com rambler.ru search.aol.com search.brave.com search.naver.com search.seznam.cz
    search.yahoo.co.jp search.yahoo.com sm.cn so.com sogou.com startpage.com swisscows.com ya.ru
    com.google.android.googlequicksearchbox com.microsoft.bing
""")

SOCIAL = _words("""
    bsky.app discord.com facebook.com fb.com fb.me instagram.com line.me linkedin.com lnkd.in mastodon.social
    messenger.com ok.ru pin.it pinterest.com pinterest.es pinterest.co.uk quora.com reddit.com snapchat.com t.co t.me
    telegram.org threads.com threads.net tiktok.com tumblr.com twitter.com viber.com vk.com wa.me wechat.com weibo.com
    whatsapp.com x.com xing.com youtube.com youtu.be com.facebook.katana com.instagram.android com.linkedin.android
    com.pinterest com.reddit.frontpage com.twitter.android com.zhiliaoapp.musically org.telegram.messenger
""")

MAIL = _words("""
    e.mail.ru mail.aol.com mail.google.com mail.proton.me mail.qq.com mail.yahoo.com mail.yandex.com mail.yandex.ru
    mail.zoho.com outlook.live.com outlook.office.com outlook.office365.com com.google.android.gm
    com.microsoft.office.outlook com.yahoo.mobile.client.android.mail
""")

SOURCES: dict[str, str] = {
    **dict.fromkeys(_words("bing baidu duckduckgo ecosia google naver qwant yahoo yandex"), "organic"),
    **dict.fromkeys(
        _words("""
            facebook fb ig instagram linkedin meta pinterest reddit snapchat telegram threads tiktok twitter vk wechat
            weibo whatsapp x youtube
        """),
        "social",
    ),
    **dict.fromkeys(_words("brevo email e-mail gmail klaviyo mail mailchimp newsletter sendgrid"), "email"),
}
"""What people write into `utm_source`, and the channel that it means by itself."""

CLICKS: dict[str, str] = {
    **dict.fromkeys(("gclid", "gbraid", "wbraid", "msclkid", "yclid"), "paid search"),
    "dclid": "display",
    **dict.fromkeys(("fbclid", "igshid", "li_fat_id", "rdt_cid", "ScCid", "ttclid", "twclid", "epik"), "social"),
    **dict.fromkeys(("mc_eid", "_kx"), "email"),
    **dict.fromkeys(("awc", "cjevent", "irclickid"), "affiliates"),
}
"""Parameters that networks add to the address of a click, and the channel that they mean."""
