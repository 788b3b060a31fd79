"""How events get to the server: page views, batches, leaving, bad networks, several tabs."""

from __future__ import annotations

from tests.demo.test_browser import pytestmark as pytestmark
from tests.tag.browsing import Visit, until

QUEUED = "Object.keys(localStorage).filter((name) => name.startsWith('lenticular~')).length"
EARLY = """<script>
(function (tag, calls) {
  calls.forEach(function (name) {
    tag[name] = function () {
      var given = [].slice.call(arguments);
      return new Promise(function (done) { tag.push([name, given, done]); });
    };
  });
})(window.lenticular = window.lenticular || [], ["identify", "track", "page", "group", "alias", "consent", "decide"]);
lenticular.identify("maya", {plan: "gold"});
lenticular.track("Offer Viewed", {offer: "card"}).then(() => { window.told = true; });
</script>"""


def test_calls_before_the_tag_has_loaded_are_made_up_for(visit: Visit) -> None:
    visit.page("/", head=EARLY)
    page = visit.open("/")
    [told] = visit.arrived(page, "Offer Viewed")
    assert (told.user_id, told.properties, told.context["t_path"]) == ("maya", {"t_offer": "card"}, "/")
    assert page.evaluate("told")
    [known] = visit.arrived(page, "identify")
    assert known.traits == {"t_plan": "gold"} and known.anonymous_id == told.anonymous_id
    page.evaluate("lenticular.group('acme', {tier: 'gold'})")
    page.evaluate("lenticular.alias('maya2', 'old-browser')")
    [group] = visit.arrived(page, "group")
    assert (group.group_id, group.user_id) == ("acme", "maya")
    page.evaluate("lenticular.identify(null)")
    page.evaluate("lenticular.track('Signed Out')")
    [out] = visit.arrived(page, "Signed Out")
    assert out.user_id == "" and out.anonymous_id not in ("", told.anonymous_id)


def test_a_visitor_stays_the_same_with_the_cookie_or_without(visit: Visit) -> None:
    visit.page("/")
    page = visit.open("/")
    [first] = visit.arrived(page, "Page Viewed")
    [cookie] = visit.context.cookies()
    assert cookie["name"] == "lenticular_id" and cookie["value"] == first.anonymous_id
    assert cookie["sameSite"] == "Lax" and cookie["expires"] > 0
    visit.context.clear_cookies()
    page.reload()
    second = visit.arrived(page, "Page Viewed", 2)[1]
    assert second.anonymous_id == first.anonymous_id
    assert len(visit.context.cookies()) == 1


def test_a_single_page_site_has_page_views_and_decisions_of_each_view(visit: Visit) -> None:
    visit.page("/", '<p data-lenticular-slot="title"></p>')
    page = visit.open("/")
    page.wait_for_selector("text=Hello")
    page.evaluate("history.replaceState({}, '', location.href)")  # as routers do for themselves
    page.evaluate("history.pushState({}, '', '/a'); history.replaceState({}, '', '/b'); document.title = 'B'")
    visit.arrived(page, "Page Viewed", 2)
    page.evaluate("history.pushState({}, '', '/b#part')")  # the same page
    page.go_back()
    page.go_back()
    viewed = visit.arrived(page, "Page Viewed", 3)
    assert [event.context["t_path"] for event in viewed] == ["/", "/b", "/"]
    assert viewed[1].context["t_title"] == "B" and viewed[1].context["t_referrer"] == f"{visit.site.url}/"
    until(page, lambda: len(visit.door.to("/v1/decide")), lambda count: count == 3)
    assert [post.body["context"]["url"].rpartition("/")[2] for post in visit.door.to("/v1/decide")] == ["", "b", ""]


def test_hashes_are_pages_where_the_site_says_so(visit: Visit) -> None:
    visit.page("/", options="data-hash")
    page = visit.open("/")
    visit.arrived(page, "Page Viewed")
    page.evaluate("location.hash = '#/cards'")
    viewed = visit.arrived(page, "Page Viewed", 2)
    assert viewed[1].context["t_url"] == f"{visit.site.url}/#/cards"


def test_page_views_can_be_left_to_the_site(visit: Visit) -> None:
    visit.page("/", options='data-page-views="off"')
    page = visit.open("/")
    page.evaluate("lenticular.page('Cards', {section: 'all'})")
    [viewed] = visit.arrived(page, "Page Viewed")
    assert viewed.properties["t_name"] == "Cards" and viewed.properties["t_section"] == "all"


def test_too_many_requests_are_waited_for_as_long_as_the_server_says(visit: Visit) -> None:
    visit.door.faults = [429, 503]
    visit.page("/")
    page = visit.open("/")
    page.evaluate("lenticular.track('Ping')")
    visit.arrived(page, "Ping")
    first, second, third = visit.door.to("/v1/batch")[:3]
    assert (first.status, second.status, third.status) == (429, 503, 200)
    assert second.at - first.at >= 2.0 and third.at - second.at >= 0.9
    visit.wrong.clear()  # the browser says that requests failed


def test_one_refused_message_takes_no_other_with_it(visit: Visit) -> None:
    visit.page("/")
    page = visit.open("/")
    visit.arrived(page, "Page Viewed")
    page.evaluate("for (let n = 0; n < 9; n++) lenticular.track(n === 4 ? 'x'.repeat(300) : `Ping ${n}`)")
    visit.arrived(page, "Ping 8")
    until(page, lambda: page.evaluate(QUEUED), lambda count: count == 0)
    assert [len(visit.events(f"Ping {n}")) for n in range(9)] == [1, 1, 1, 1, 0, 1, 1, 1, 1]
    visit.wrong.clear()


def test_what_happens_offline_survives_a_reload_and_comes_when_the_network_does(visit: Visit) -> None:
    visit.page("/")
    page = visit.open("/")
    visit.arrived(page, "Page Viewed")
    until(page, lambda: page.evaluate(QUEUED), lambda count: count == 0)
    visit.door.shut = True
    for n in range(3):
        page.evaluate("(n) => lenticular.track('Ping', {n})", n)
    page.wait_for_timeout(500)
    page.reload()
    until(page, lambda: page.evaluate(QUEUED), lambda count: count >= 3)
    assert visit.events("Ping") == []
    visit.door.shut = False
    page.evaluate("dispatchEvent(new Event('online'))")
    sent = visit.arrived(page, "Ping", 3)
    assert [event.properties["n_n"] for event in sent] == [0, 1, 2]
    until(page, lambda: page.evaluate(QUEUED), lambda count: count == 0)
    visit.wrong.clear()


def test_the_queue_has_an_end_and_the_oldest_give_way(visit: Visit) -> None:
    visit.page("/")
    page = visit.open("/")
    visit.arrived(page, "Page Viewed")
    visit.door.shut = True
    page.evaluate("for (let n = 0; n < 300; n++) lenticular.track('Ping', {n})")
    assert page.evaluate(QUEUED) == 200
    page.evaluate("for (let n = 0; n < 30; n++) lenticular.track('Long', {text: 'x'.repeat(20000)})")
    assert page.evaluate(QUEUED) < 15
    visit.wrong.clear()


def test_two_tabs_share_a_visitor_and_send_nothing_twice(visit: Visit) -> None:
    visit.page("/")
    one, other = visit.open("/"), visit.open("/")
    for tab in (one, other):
        tab.evaluate("for (let n = 0; n < 20; n++) lenticular.track('Ping', {n})")
    sent = visit.arrived(one, "Ping", 40)
    until(one, lambda: one.evaluate(QUEUED), lambda count: count == 0)
    assert len({event.anonymous_id for event in sent}) == 1
    told = [message["messageId"] for message in visit.door.messages()]
    assert len(told) == len(set(told)) == 42


def test_what_waits_is_sent_when_the_page_is_left(visit: Visit) -> None:
    visit.page("/")
    page = visit.open("/")
    page.evaluate("lenticular.track('Left'); location.href = 'about:blank'")
    page.wait_for_url("about:blank")  # which knows of no queue
    visit.arrived(page, "Left")
