"""The sample configuration of a proxy, for real: nginx with HTTPS before gunicorn."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup

from marketplace.accounts.roles import Role
from tests.databases import Databases
from tests.marketplace.accounts.factories import PASSWORD, staff
from tests.marketplace.conftest import running
from tests.marketplace.factories import saved
from tests.marketplace.network.factories import joined_school

CHECKOUT = Path(__file__).parents[2]
SAMPLE = CHECKOUT / "docs" / "proxy" / "nginx.conf"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
HOST = "skillbank.example"
SITE = f"https://{HOST}"

AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
{user}
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxied;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/skillbank.conf;
}}
"""


@dataclass
class Answer:
    """What the proxy answers."""

    status: int
    headers: http.client.HTTPMessage
    page: BeautifulSoup

    @property
    def heading(self) -> str:
        heading = self.page.find("h1")
        return " ".join(heading.get_text(" ").split()) if heading else ""


@dataclass
class Proxy:
    """nginx and the server behind it, with a person who can sign in."""

    https: int
    http: int
    upstream: int
    log: Path
    email: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def connect(self) -> ssl.SSLSocket:
        """A connection by HTTPS."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", self.https), 20)
        return context.wrap_socket(plain, server_hostname=HOST)

    def ask(
        self,
        path: str,
        form: dict[str, str] | bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Open a page, or send a form, as a browser does that sends no Referer."""
        connection = http.client.HTTPConnection(HOST)
        connection.sock = self.connect()
        body = urlencode(form).encode() if isinstance(form, dict) else form
        sent = {"Host": HOST} | (headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("GET" if body is None else "POST", path, body, sent)
        response = connection.getresponse()
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        answer = Answer(
            response.status, response.headers, BeautifulSoup(response.read(), "html.parser")
        )
        connection.close()
        return answer

    def sign_in(self, **headers: str) -> Answer:
        """Sign in through the sign-in page."""
        page = self.ask("/sign-in").page
        form = {field["name"]: field.get("value", "") for field in page.select("main form [name]")}
        return self.ask("/sign-in", form | {"email": self.email, "password": PASSWORD}, headers)

    def lines(self) -> list[dict[str, Any]]:
        """The requests in the server's log."""
        texts = self.log.read_text(encoding="utf-8").splitlines()
        lines = [json.loads(text) for text in texts if text.startswith("{")]
        return [line for line in lines if line["message"] == "request"]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(happened: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert process.poll() is None, "it has ended"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def proxy(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    if NGINX is None:
        pytest.skip("there is no nginx")
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate")
    folder = tmp_path_factory.mktemp("proxy")
    upstream, https, plain = free_port(), free_port(), free_port()
    with databases.fresh("postgresql") as url, ExitStack() as stack:
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(CHECKOUT),
            "DATABASE_URL": url,
            "SECRET_KEY": "for tests only, and long enough to be one",
            "SKILLBANK_URL": SITE,
            "SKILLBANK_TRUSTED_PROXIES": "1",
            "WEB_CONCURRENCY": "1",
        }
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
            cwd=CHECKOUT,
            env=environ,
            check=True,
            capture_output=True,
        )
        log = folder / "server.log"
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--config", "python:marketplace.serving"),
                *("--bind", f"127.0.0.1:{upstream}", "wsgi:app"),
            ],
            cwd=CHECKOUT,
            env=environ,
            stderr=stack.enter_context(log.open("wb")),
        )
        stack.callback(server.wait, 30)
        stack.callback(server.terminate)
        wait_for(lambda: listens(upstream), server)
        nginx = start_nginx(folder, upstream, https, plain)
        stack.callback(nginx.wait, 30)
        stack.callback(nginx.terminate)
        wait_for(lambda: listens(https), nginx)
        with running(url) as app, saved(app):
            email = staff(joined_school(), Role.COORDINATOR).email
        yield Proxy(https, plain, upstream, log, email)


def start_nginx(folder: Path, upstream: int, https: int, plain: int) -> subprocess.Popen[bytes]:
    """Start nginx with the sample, but for its ports and its certificate."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", f"/CN={HOST}", "-keyout", f"{folder}/key", "-out", f"{folder}/certificate"),
        ],
        check=True,
        capture_output=True,
    )
    text = SAMPLE.read_text(encoding="utf-8")
    for old, new in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{upstream};"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{https} ssl;"),
        ("/etc/ssl/certs/skillbank.pem", f"{folder}/certificate"),
        ("/etc/ssl/private/skillbank.key", f"{folder}/key"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "skillbank.conf").write_text(text, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user), encoding="utf-8")
    return subprocess.Popen([str(NGINX), "-c", f"{folder}/nginx.conf", "-e", f"{folder}/nginx.log"])


@pytest.fixture
def visitor(proxy: Proxy) -> Proxy:
    """The same proxy, asked by a browser without cookies."""
    proxy.cookies = {}
    return proxy


def test_http_leads_to_https(visitor: Proxy) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", visitor.http)
    connection.request("GET", "/sign-in?next=/home", headers={"Host": HOST})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"{SITE}/sign-in?next=/home")
    connection.close()


def test_one_signs_in_without_a_referer_and_stays_signed_in(visitor: Proxy) -> None:
    for headers in ({}, {"Origin": SITE}, {"Sec-Fetch-Site": "same-origin"}):
        visitor.cookies = {}
        answer = visitor.sign_in(**headers)
        assert (answer.status, answer.headers["Location"]) == (302, "/home")
        cookies = answer.headers.get_all("Set-Cookie")
        assert {cookie.partition("=")[0] for cookie in cookies} == {
            "__Host-skillbank",
            "__Host-device",
        }
        for cookie in cookies:
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        home = visitor.ask("/home")
        assert home.status == 200
        assert home.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_a_form_of_another_site_is_refused_behind_the_proxy(visitor: Proxy) -> None:
    answer = visitor.sign_in(Origin="https://evil.example")
    assert (answer.status, answer.heading) == (403, "This was sent from another site")


def test_another_host_is_refused(visitor: Proxy) -> None:
    answer = visitor.ask("/sign-in", headers={"Host": "evil.example"})
    assert (answer.status, answer.heading) == (400, "This is not the address of Skillbank")


def test_the_log_has_the_address_and_number_that_the_proxy_has_seen(visitor: Proxy) -> None:
    claims = {
        "X-Forwarded-For": "203.0.113.66",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "X-Request-ID": "a-number-of-my-own",
    }
    answer = visitor.ask("/sign-in", headers=claims)
    assert answer.headers["Strict-Transport-Security"]
    number = answer.headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", number)
    (line,) = [line for line in visitor.lines() if line["request_id"] == number]
    assert (line["address"], line["route"], line["status"]) == ("127.0.0.1", "/sign-in", 200)


@pytest.mark.parametrize("size", [300_000, 5_000_000])
def test_too_large_a_body_gets_the_designed_page(visitor: Proxy, size: int) -> None:
    answer = visitor.ask("/sign-in", b"email=" + b"x" * size)
    assert (answer.status, answer.heading) == (413, "That is too much at once")


def test_a_slow_sender_is_held_by_the_proxy(visitor: Proxy) -> None:
    body = b"email=nobody%40example.org&password=x"
    head = (
        f"POST /sign-in HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"
    ).encode()
    with ExitStack() as stack:
        slow = [stack.enter_context(visitor.connect()) for _ in range(24)]
        for number, connection in enumerate(slow):
            connection.sendall(head + body[: number % 9])
        begun = time.monotonic()
        assert visitor.ask("/sign-in").status == 200
        assert time.monotonic() - begun < 3
        assert connections_to(visitor.upstream) <= 8  # those that nginx keeps open
        slow[5].sendall(body[5:])
        assert slow[5].recv(4096).startswith(b"HTTP/1.1 400 ")  # it lacks its token


def connections_to(port: int) -> int:
    """How many connections the server on ``port`` has open."""
    established = "01"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == established for row in rows)


def test_a_page_is_read_slowly_from_the_proxy(visitor: Proxy) -> None:
    """The server has sent its answer to nginx long before the browser takes it."""
    visitor.sign_in()
    with visitor.connect() as slow:
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        slow.sendall(
            f"GET /listings/new HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookies}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        assert slow.recv(10).startswith(b"HTTP/1.1")
        assert visitor.ask("/home").status == 200
        routes = [line["route"] for line in visitor.lines()]
        assert "/listings/new" in routes
