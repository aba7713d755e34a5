"""The server that the browser's tests use, when the browser goes away."""

from __future__ import annotations

import socket
import struct
from threading import Event, Thread
from typing import TYPE_CHECKING

from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

from tests.journeys.conftest import WholeAnswers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def test_an_answer_is_closed_though_the_browser_left_before_it_had_all() -> None:
    closed = Event()

    def application(_: WSGIEnvironment, start_response: StartResponse) -> ClosingIterator:
        start_response("200 OK", [("Content-Type", "text/css")])
        return ClosingIterator([b"a { color: red }"], closed.set)

    server = make_server("127.0.0.1", 0, WholeAnswers(application), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with socket.create_connection(("127.0.0.1", server.server_port)) as browser:
            # Closing it resets the connection, as a browser that leaves a page does. The line too
            # many has the server still reading by then.
            browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            browser.sendall(b"GET /some.css HTTP/1.1\r\nHost: localhost\r\n\r\nMore.")
            browser.recv(1)
        assert closed.wait(10)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
