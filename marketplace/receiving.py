"""A worker of gunicorn in which a slow sender holds nothing that another request needs.

gunicorn's threads read requests themselves, so that a few browsers which send half a form and
stop keep every thread for as long as they like. Here the worker's loop collects a request first,
and a thread begins when it is whole.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import ThreadWorker

SECONDS_TO_SEND = 15
"""How long a browser may take to send one request."""
SECONDS_TO_UPLOAD = 60
"""How long it may take to send a file."""
LARGEST_HEAD = 64 * 1024
LARGEST_KEPT = 512 * 1024
"""The most of a body that is kept: more than the application accepts."""
LARGEST_READ = 8 * 1024 * 1024
"""The most of a body that is read, so that its sender sees the page that refuses it."""
LARGEST_UPLOAD_KEPT = 12 * 1024 * 1024 + 64 * 1024
"""The most of a body with a file: more than the view of the form takes."""
LARGEST_UPLOAD_READ = 32 * 1024 * 1024
UPLOADS_AT_ONCE = 6
"""So many files may arrive at a time, so that their bytes cannot fill the memory."""

_UPLOAD = re.compile(rb"POST /profile/photographs/new[ ?]")
"""The forms that take a file."""
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)
_CONTINUE = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class IncomingRequest:
    """The bytes of one request, as far as they have arrived."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.buffer = bytearray()
        self.is_whole = False
        self.has_more = False
        """Whether bytes came after the request, which only a client that does not wait sends."""
        self.refusal = ""
        """The status with which to refuse it, if it cannot be taken."""
        self.awaits_continue = False
        self.is_upload = False
        self._head = 0
        self._missing = 0

    def add(self, data: bytes) -> None:
        """Take ``data`` in, and find out whether the request is whole now."""
        if self._head:
            self._add_to_body(data)
            return
        search_from = max(0, len(self.buffer) - len(_END_OF_HEAD))
        self.buffer += data
        end = self.buffer.find(_END_OF_HEAD, search_from)
        if end < 0:
            if len(self.buffer) > LARGEST_HEAD:
                self.refusal = "431 Request Header Fields Too Large"
            return
        self._head = end + len(_END_OF_HEAD)
        head, body = bytes(self.buffer[: self._head]), bytes(self.buffer[self._head :])
        if _CHUNKED.search(head):
            self.refusal = "411 Length Required"
            return
        self.is_upload = _UPLOAD.match(head) is not None
        if self.is_upload:
            self.deadline += SECONDS_TO_UPLOAD - SECONDS_TO_SEND
        # gunicorn itself refuses an invalid length, and needs no body to do so.
        length = _LENGTH.search(head)
        self._missing = int(length[1]) if length else 0
        if self._missing > (LARGEST_UPLOAD_READ if self.is_upload else LARGEST_READ):
            self.refusal = "413 Content Too Large"
            return
        del self.buffer[self._head :]
        self._add_to_body(body)
        self.awaits_continue = not self.is_whole and bool(_CONTINUE.search(head))

    def _add_to_body(self, data: bytes) -> None:
        self.has_more = len(data) > self._missing
        data = data[: self._missing]
        self._missing -= len(data)
        most = LARGEST_UPLOAD_KEPT if self.is_upload else LARGEST_KEPT
        self.buffer += data[: max(0, self._head + most - len(self.buffer))]
        self.is_whole = not self._missing


class ReceivingWorker(ThreadWorker):
    """A threaded worker whose threads get whole requests only.

    It speaks HTTP/1.1 and takes bodies with a ``Content-Length``, as every browser and proxy
    sends them. HTTPS is left to the proxy.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A head is limited as a whole, so that words of any length reach the page that cuts them.
        self.cfg.set("limit_request_line", 0)
        self._incoming: dict[Any, IncomingRequest] = {}

    def enqueue_req(self, conn: Any) -> None:
        """Collect the next request of a connection; a thread gets it when it is whole."""
        conn.sock.setblocking(False)
        self._incoming[conn] = IncomingRequest(time.monotonic() + SECONDS_TO_SEND)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._receive, conn))

    def _receive(self, conn: Any, sock: socket.socket) -> None:
        request = self._incoming[conn]
        try:
            data = sock.recv(64 * 1024)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._give_up(conn)
            return
        was_upload = request.is_upload
        request.add(data)
        if request.is_upload and not was_upload and self._has_many_uploads():
            request.refusal = "503 Service Unavailable"
        if request.refusal:
            self._give_up(conn, request.refusal)
        elif request.is_whole:
            self._stop_collecting(conn)
            # It reads from memory, so a thread never waits for a browser.
            conn.parser = http.get_parser(self.cfg, [bytes(request.buffer)], conn.client)
            conn.initialized = True
            conn.has_more = request.has_more
            super().enqueue_req(conn)
        elif request.awaits_continue:
            request.awaits_continue = False
            with suppress(OSError):
                sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request, and end the connection if its client did not wait for the answer."""
        if conn.has_more:
            req.force_close()
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """Close requests that take too long; a stopping worker waits for begun ones only."""
        super().murder_pending()
        now = time.monotonic()
        for conn, request in list(self._incoming.items()):
            if request.deadline < now:
                self._give_up(conn, "408 Request Timeout" if request.buffer else "")
            elif not self.alive and not request.buffer:
                self._give_up(conn)

    def _has_many_uploads(self) -> bool:
        return sum(one.is_upload for one in self._incoming.values()) > UPLOADS_AT_ONCE

    def _stop_collecting(self, conn: Any) -> None:
        del self._incoming[conn]
        self.poller.unregister(conn.sock)

    def _give_up(self, conn: Any, status: str = "") -> None:
        """Close a connection whose request is not answered, and send the reason if there is one."""
        self._stop_collecting(conn)
        if status:
            answer = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            with suppress(OSError):
                conn.sock.send(answer.encode("ascii"))
        self.nr_conns -= 1
        conn.close()
