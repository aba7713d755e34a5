"""Slow senders hold nothing: a request reaches a thread when it has arrived whole."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from marketplace.receiving import (
    LARGEST_HEAD,
    LARGEST_KEPT,
    LARGEST_READ,
    LARGEST_UPLOAD_KEPT,
    LARGEST_UPLOAD_READ,
    SECONDS_TO_SEND,
    SECONDS_TO_UPLOAD,
    UPLOADS_AT_ONCE,
    IncomingRequest,
)

CHECKOUT = Path(__file__).parents[2]
POST = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n"

# One thread, which the first slow sender would keep.
PROGRAM = """
import sys
from gunicorn.app.base import BaseApplication
from marketplace import receiving

receiving.SECONDS_TO_SEND = float(sys.argv[2])


def application(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body) + 1))])
    return [b">" + body]


class Server(BaseApplication):
    def load_config(self):
        self.cfg.set("bind", "unix:" + sys.argv[1])
        self.cfg.set("worker_class", receiving.ReceivingWorker)
        self.cfg.set("threads", 1)
        self.cfg.set("loglevel", "warning")
        self.cfg.set("keepalive", 10)
        self.cfg.set("control_socket_disable", True)

    def load(self):
        return application


Server().run()
"""


def received(*parts: bytes) -> IncomingRequest:
    request = IncomingRequest(0.0)
    for part in parts:
        assert not request.is_whole
        request.add(part)
    return request


def test_a_request_is_whole_when_its_last_byte_has_come() -> None:
    whole = POST + b"a=1&b=2"
    for size in (1, 3, len(POST), len(whole)):
        request = received(*(whole[at : at + size] for at in range(0, len(whole), size)))
        assert request.is_whole
        assert not request.has_more
        assert bytes(request.buffer) == whole
    assert received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").is_whole
    assert not received(POST + b"a=1&b=").is_whole


def test_what_follows_a_request_is_not_part_of_it() -> None:
    request = received(POST, b"a=1&b=2GET / HTTP/1.1\r\n\r\n")
    assert request.has_more
    assert bytes(request.buffer) == POST + b"a=1&b=2"


def test_a_length_in_the_body_is_not_believed() -> None:
    request = received(
        b"POST / HTTP/1.1\r\ncontent-length:30\r\n\r\n", b"\r\nContent-Length: 1\r\n"
    )
    assert not request.is_whole


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "411"),
        (b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (LARGEST_READ + 1), "413"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * LARGEST_HEAD, "431"),
    ],
)
def test_what_cannot_be_taken_is_refused(head: bytes, status: str) -> None:
    request = received(head)
    assert request.refusal.startswith(status)
    assert not request.is_whole


def test_a_body_that_is_too_large_is_read_but_not_kept() -> None:
    request = received(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % LARGEST_READ)
    for _ in range(LARGEST_READ // 2**16):
        assert not request.is_whole
        request.add(b"x" * 2**16)
    assert request.is_whole
    assert LARGEST_KEPT <= len(request.buffer) < LARGEST_KEPT + 100


def test_a_photograph_may_be_larger_and_take_longer() -> None:
    head = b"POST /profile/photographs/new HTTP/1.1\r\nContent-Length: %d\r\n\r\n"
    request = received(head % LARGEST_UPLOAD_KEPT)
    assert request.is_upload
    assert request.deadline == SECONDS_TO_UPLOAD - SECONDS_TO_SEND
    request.add(b"x" * LARGEST_UPLOAD_KEPT)
    assert request.is_whole
    assert len(request.buffer) > LARGEST_UPLOAD_KEPT
    assert received(head % (LARGEST_UPLOAD_READ + 1)).refusal.startswith("413")
    assert not received(head.replace(b"/new", b"/other") % 1).is_upload


def test_so_many_photographs_at_a_time(serve: Server) -> None:
    serve.start(seconds_to_send=60)
    head = b"POST /profile/photographs/new HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n"
    slow = [serve.connect() for _ in range(UPLOADS_AT_ONCE)]
    for client in slow:
        client.sendall(head + b"a=1")
    assert serve.ask(POST + b"a=1&b=2").endswith(b">a=1&b=2")
    assert serve.ask(head + b"a=1").startswith(b"HTTP/1.1 503")
    slow[0].sendall(b"&b=2")
    read_to(slow[0], b">a=1&b=2")
    assert serve.ask(head + b"a=1&b=2").endswith(b">a=1&b=2")


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Server]:
    with ExitStack() as stack:
        yield Server(tmp_path / "s", stack)


class Server:
    """A real gunicorn with one worker of one thread."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self.path = path
        self.stack = stack

    def start(self, seconds_to_send: float) -> None:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(self.path), str(seconds_to_send)],
            cwd=CHECKOUT,
            env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        )
        self.stack.callback(process.wait, 20)
        self.stack.callback(process.terminate)
        deadline = time.monotonic() + 20
        while not self.path.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def connect(self) -> socket.socket:
        client = self.stack.enter_context(socket.socket(socket.AF_UNIX))
        client.settimeout(20)
        client.connect(str(self.path))
        return client

    def ask(self, data: bytes) -> bytes:
        """Send ``data`` on a connection of its own; gives all that is answered."""
        client = self.connect()
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while part := client.recv(4096):
            answer += part
        return answer


def read_to(client: socket.socket, end: bytes) -> bytes:
    """Read from an open connection up to ``end``."""
    answer = b""
    while not answer.endswith(end):
        part = client.recv(4096)
        assert part, answer
        answer += part
    return answer


def test_slow_senders_do_not_keep_others_waiting(serve: Server) -> None:
    serve.start(seconds_to_send=60)
    slow = [serve.connect() for _ in range(24)]
    for number, client in enumerate(slow):
        client.sendall(POST[:20] if number % 3 else POST + b"a=1")
    begun = time.monotonic()
    assert serve.ask(POST + b"a=1&b=2").endswith(b"\r\n\r\n>a=1&b=2")
    assert time.monotonic() - begun < 2
    # One of them goes on in the end, on a connection that is then used again.
    for _ in range(2):
        slow[0].sendall(b"&b=2")
        read_to(slow[0], b"\r\n\r\n>a=1&b=2")
        slow[0].sendall(POST + b"a=1")


def test_a_request_that_does_not_come_is_given_up(serve: Server) -> None:
    serve.start(seconds_to_send=0.3)
    silent, half = serve.connect(), serve.connect()
    half.sendall(POST)
    answer = read_to(half, b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n")
    assert half.recv(4096) == b""
    assert silent.recv(4096) == b""
    assert serve.ask(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").endswith(b"\r\n\r\n>")


def test_http_is_spoken_as_before(serve: Server) -> None:
    serve.start(seconds_to_send=60)
    # A client that asks first whether it may go on.
    client = serve.connect()
    client.sendall(POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
    assert client.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.sendall(b"a=1&b=2")
    answer = read_to(client, b">a=1&b=2")
    assert b"HTTP/1.1 200 OK\r\n" in answer
    # Words of ten thousand letters are for the page to cut.
    long = b"GET /search?q=" + b"z" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    assert serve.ask(long).startswith(b"HTTP/1.1 200 OK\r\n")
    # Two requests at once: the first is answered, and the connection ends.
    answer = serve.ask((POST + b"a=1&b=2") * 2)
    assert b"\r\nConnection: close\r\n" in answer
    assert answer.count(b"HTTP/1.1 200") == 1
    # Two lengths, of which another server may believe the other one.
    two = POST.replace(b"Content-Length: 7", b"Content-Length: 7\r\nContent-Length: 9")
    assert serve.ask(two + b"a=1&b=2").startswith(b"HTTP/1.1 400")
    assert serve.ask(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").startswith(
        b"HTTP/1.1 411"
    )
