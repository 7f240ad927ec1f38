"""What every stand-in is: a threaded HTTP/1.1 server on loopback that starts and stops."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Loopback:
    """Serves on a free port while its block lasts; handlers reach it as `standin`."""

    def __init__(self, handler: type[Handler]) -> None:
        bound = type("Bound", (handler,), {"standin": self})
        self._server = _Server(("127.0.0.1", 0), bound)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that is killed breaks its connections: no matter."""


class Handler(BaseHTTPRequestHandler):
    """Answers one connection of a stand-in, and says nothing about it."""

    protocol_version = "HTTP/1.1"
    standin: Any

    def log_message(self, *_: object) -> None:
        """Say nothing."""
