"""Where a request comes from: what the trusted proxies say, and nothing that a sender claims."""

from __future__ import annotations

import pytest
from flask import request

from marketplace.web.client_address import client_address
from tests.marketplace.web.edge import client_with

PEER = "10.0.0.9"


def seen(proxies: int, forwarded_for: str = "", scheme: str = "", peer: str = PEER) -> list[object]:
    """The address and whether it is HTTPS, as the application has them."""
    client = client_with(trusted_proxies=proxies)
    client.application.before_request_funcs[None].insert(1, answer)
    headers = {"X-Forwarded-For": forwarded_for, "X-Forwarded-Proto": scheme}
    page = client.get(
        "/",
        headers={name: value for name, value in headers.items() if value},
        environ_overrides={"REMOTE_ADDR": peer},
    )
    return list(page.json)


def answer() -> list[object]:
    return [client_address(), request.is_secure]


def test_without_a_proxy_nothing_that_is_forwarded_is_believed() -> None:
    assert seen(0, "192.0.2.1", "https") == [PEER, False]


@pytest.mark.parametrize(
    ("proxies", "forwarded_for", "address"),
    [
        (1, "192.0.2.1", "192.0.2.1"),
        # What the sender claims stands before what the proxy adds.
        (1, "198.51.100.7, 192.0.2.1", "192.0.2.1"),
        (2, "198.51.100.7, 192.0.2.1, 10.1.1.1", "192.0.2.1"),
        # Fewer entries than proxies: it came past one of them.
        (2, "192.0.2.1", PEER),
        (1, "", PEER),
    ],
)
def test_as_many_entries_are_believed_as_there_are_proxies(
    proxies: int, forwarded_for: str, address: str
) -> None:
    assert seen(proxies, forwarded_for)[0] == address


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("192.0.2.1:50123", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:50123", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
        ("unknown", PEER),
        ("192.0.2.999", PEER),
        ("<script>", PEER),
        ("192.0.2.1;drop", PEER),
        ("1" * 5_000, PEER),
    ],
)
def test_what_is_no_address_is_the_proxys_own(written: str, address: str) -> None:
    assert seen(1, written)[0] == address


def test_a_socket_in_the_file_system_has_no_address() -> None:
    assert seen(0, peer="")[0] == ""
    assert seen(1, "192.0.2.1", peer="")[0] == "192.0.2.1"


@pytest.mark.parametrize(
    ("scheme", "secure"),
    [("https", True), ("http", False), ("javascript", False), ("https, http", False)],
)
def test_the_scheme_is_the_proxys(scheme: str, secure: bool) -> None:
    assert seen(1, "192.0.2.1", scheme)[1] is secure
