"""A long conversation: the newest messages first, and the earlier ones a page at a time."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from marketplace.application import Skillbank
from marketplace.conversations.queries import MESSAGES_PAGE
from marketplace.conversations.service import write
from tests.marketplace.accounts.factories import actor_for
from tests.marketplace.browser import Browser
from tests.marketplace.conversations.factories import asked
from tests.marketplace.factories import saved
from tests.marketplace.listings.factories import posted
from tests.marketplace.network.factories import joined_school


def numbers(browser: Browser) -> list[int]:
    """The numbers of the messages on the page, in their order."""
    bodies = [body.get_text() for body in browser.page.select(".message-body")]
    return [int(re.findall(r"\d+", body)[0]) for body in bodies]


def links(browser: Browser) -> dict[str, str]:
    return {link.get_text(strip=True): link["href"] for link in browser.page.select("main a")}


def test_the_newest_messages_are_shown_and_the_earlier_ones_are_linked(
    app: Skillbank, client: FlaskClient
) -> None:
    last = MESSAGES_PAGE + 12
    with saved(app) as session:
        us, them = actor_for(joined_school()), actor_for(joined_school())
        enquiry = asked(us, posted(them), "Message 1.")
        for number in range(2, last + 1):
            actor = us if number % 2 else them
            body = f"Message {number}."
            write(session, actor, enquiry, body, idempotency_key=f"a key of a form {number}")
    browser = Browser(client).be(us).get(f"/messages/{enquiry.id}")
    assert numbers(browser) == list(range(last - MESSAGES_PAGE + 1, last + 1))
    assert len(browser.page.select("#latest")) == 1
    assert "The newest messages" not in links(browser)
    browser.get(links(browser)["Earlier messages"])
    assert numbers(browser) == list(range(1, last - MESSAGES_PAGE + 1))
    assert "Earlier messages" not in links(browser)
    assert links(browser)["The newest messages"] == f"/messages/{enquiry.id}"
    # What is written on an earlier page stands at the end.
    browser.submit("Send", body=f"Message {last + 1}.")
    assert (browser.path, numbers(browser)[-1]) == (f"/messages/{enquiry.id}", last + 1)
    # An address that was cut off begins with the newest.
    assert numbers(browser.get(f"/messages/{enquiry.id}?before=nonsense"))[-1] == last + 1


def test_a_conversation_that_fits_has_no_pages(app: Skillbank, client: FlaskClient) -> None:
    with saved(app):
        us = actor_for(joined_school())
        enquiry_id = asked(us, posted(actor_for(joined_school())), "Message 1.").id
    browser = Browser(client).be(us).get(f"/messages/{enquiry_id}")
    assert numbers(browser) == [1]
    assert "Earlier messages" not in links(browser)
