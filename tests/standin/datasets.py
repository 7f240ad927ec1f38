"""The few addresses of the Hub that a commit to a dataset repository needs, over real HTTP."""

from __future__ import annotations

import json
from typing import Any

from standin.loopback import Handler, Loopback


class Datasets(Loopback):
    """What it was asked stands in `seen`, the lines of each commit in `commits`."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, str | None]] = []
        self.commits: list[list[dict[str, Any]]] = []
        self.refuse = False
        super().__init__(_Handler)


class _Handler(Handler):
    standin: Datasets

    def do_GET(self) -> None:
        self._note()
        self._answer({"error": "no"}, 403 if self.standin.refuse else 404)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length")
        body = self.rfile.read(int(length)) if length else self._chunks()
        self._note()
        address = f"{self.standin.url}/datasets/me/gpai"
        if self.standin.refuse:
            self._answer({"error": "no"}, 403)
        elif self.path == "/api/repos/create":
            self._answer({"url": address})
        elif self.path == "/api/validate-yaml":
            self._answer({"errors": [], "warnings": []})
        elif "/preupload/" in self.path:
            files = json.loads(body)["files"]
            kind = {"uploadMode": "regular", "shouldIgnore": False}
            self._answer({"files": [{"path": file["path"], **kind} for file in files]})
        elif "/commit/" in self.path:
            self.standin.commits.append([json.loads(line) for line in body.splitlines()])
            commit = {"commitUrl": f"{address}/commit/abc", "commitOid": "abc", "success": True}
            self._answer(commit)
        else:
            self._answer({"error": "unknown"}, 404)

    def _note(self) -> None:
        self.standin.seen.append((self.command, self.path, self.headers.get("Authorization")))

    def _chunks(self) -> bytes:
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def _answer(self, value: object, status: int = 200) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
