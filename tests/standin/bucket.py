"""A small object store over real HTTP: as much of S3 as its clients need, and its faults.

Objects appear when their upload is completed, never before. `refuse_after` puts a limit to the
objects that are taken: the next one is refused, as a store does that is out of space or rights.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import count
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from standin.loopback import Handler, Loopback


class Bucket(Loopback):
    """One store with one bucket, `shared`; `objects` is what it holds, `log` what was asked."""

    name = "shared"

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.uploads = count()
        self.log: list[tuple[str, str]] = []
        self.refuse_after: int | None = None
        super().__init__(_Handler)

    def address(self, prefix: str) -> str:
        return f"s3://{self.name}/{prefix}?scheme=http&endpoint_override={self.host}"

    def environment(self) -> dict[str, str]:
        """What a client finds beside the address."""
        return {
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def take(self, key: str, body: bytes) -> bool:
        """Keep an object, unless no more are taken."""
        if self.refuse_after is not None and len(self.objects) >= self.refuse_after:
            return False
        self.objects[key] = body
        return True


class _Handler(Handler):
    standin: Bucket

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        key = unquote(parts.path).removeprefix(f"/{self.standin.name}").lstrip("/")
        self.standin.log.append((self.command, self.path))
        query = parse_qs(parts.query, keep_blank_values=True)
        return key, {name: values[0] for name, values in query.items()}

    def _body(self) -> bytes:
        """The body, also where it comes in signed chunks or chunks of HTTP."""
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            data = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            data = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        return _unchunked(data) if "aws-chunked" in self._encoding() else data

    def _encoding(self) -> str:
        return self.headers.get("Content-Encoding", "") + self.headers.get("x-amz-sdk-checksum", "")

    def do_HEAD(self) -> None:
        key, _ = self._asked()
        found = self.standin.objects.get(key) if key else b""
        self._answer(404 if found is None else 200, found or b"", _etag(found or b""))

    def do_GET(self) -> None:
        key, query = self._asked()
        if not key:
            self._answer(200, self._listed(query), {"Content-Type": "application/xml"})
            return
        found = self.standin.objects.get(key)
        if found is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        wanted = self.headers.get("Range")
        if wanted is None:
            self._answer(200, found, _etag(found))
            return
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last or len(found)), len(found) - 1)
        span = {"Content-Range": f"bytes {start}-{end}/{len(found)}"}
        self._answer(206, found[start : end + 1], _etag(found) | span)

    def do_PUT(self) -> None:
        key, query = self._asked()
        body = self._body()
        if "partNumber" in query:
            self.standin.parts[query["uploadId"]][int(query["partNumber"])] = body
        elif key and not self.standin.take(key, body):
            self._refuse()
            return
        self._answer(200, b"", _etag(body))

    def do_POST(self) -> None:
        key, query = self._asked()
        body = self._body()
        if "uploads" in query:
            upload = f"upload-{next(self.standin.uploads)}"
            self.standin.parts[upload] = {}
            answer = f"<UploadId>{upload}</UploadId>"
            self._answer(200, _xml("InitiateMultipartUploadResult", answer))
        elif "uploadId" in query:
            parts = self.standin.parts.pop(query["uploadId"])
            if not self.standin.take(key, b"".join(parts[n] for n in sorted(parts))):
                self._refuse()
                return
            answer = f"<Key>{escape(key)}</Key><ETag>whole</ETag>"
            self._answer(200, _xml("CompleteMultipartUploadResult", answer))
        else:  # several objects to delete, named in the body
            for part in body.decode().split("<Key>")[1:]:
                self.standin.objects.pop(part.partition("</Key>")[0], None)
            self._answer(200, _xml("DeleteResult", ""))

    def do_DELETE(self) -> None:
        key, query = self._asked()
        if "uploadId" in query:
            self.standin.parts.pop(query["uploadId"], None)
        self.standin.objects.pop(key, None)
        self._answer(204, b"")

    def _listed(self, query: Mapping[str, str]) -> bytes:
        prefix, mark = query.get("prefix", ""), query.get("delimiter", "")
        keys = [key for key in sorted(self.standin.objects) if key.startswith(prefix)]
        below = {key: key[len(prefix) :].find(mark) if mark else -1 for key in keys}
        folders = sorted({key[: len(prefix) + at + 1] for key, at in below.items() if at >= 0})
        rows = [
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.standin.objects[key])}</Size>"
            "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>x</ETag></Contents>"
            for key, at in below.items()
            if at < 0
        ]
        rows += [f"<CommonPrefixes><Prefix>{escape(f)}</Prefix></CommonPrefixes>" for f in folders]
        about = f"<Name>{self.standin.name}</Name><Prefix>{escape(prefix)}</Prefix>"
        count = f"<KeyCount>{len(rows)}</KeyCount><IsTruncated>false</IsTruncated>"
        return _xml("ListBucketResult", about + count + "".join(rows))

    def _refuse(self) -> None:
        self._answer(403, _xml("Error", "<Code>AccessDenied</Code><Message>full</Message>"))

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _xml(root: str, inner: str) -> bytes:
    space = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
    return f'<?xml version="1.0" encoding="UTF-8"?><{root} {space}>{inner}</{root}>'.encode()


def _etag(body: bytes) -> dict[str, str]:
    return {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT",
        "Accept-Ranges": "bytes",
    }


def _unchunked(data: bytes) -> bytes:
    """The content of a body in chunks of the form `<size>;chunk-signature=…`."""
    content = b""
    while data:
        head, _, data = data.partition(b"\r\n")
        size = int(head.split(b";")[0], 16)
        if size == 0:
            break
        content, data = content + data[:size], data[size + 2 :]
    return content
