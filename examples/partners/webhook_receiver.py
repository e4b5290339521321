"""A webhook receiver for Préau with nothing but Python 3.11: checks signatures, keeps each event once, in order.

    PREAU_WEBHOOK_SECRET=whsec_… python webhook_receiver.py [port] [file of events]

Answers 204 once an event is on disk (so that nothing is lost), 401 when the signature does not fit, 400 for what is no
event. During a change of secrets set both, apart by a space.
"""
# ruff: noqa: T201  # it talks to whoever tries it

import base64
import hashlib
import hmac
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# How old or early a message may be; more only to try it with a clock that is wrong.
TOLERANCE_SECONDS = int(os.environ.get("PREAU_WEBHOOK_TOLERANCE", "300"))
LONGEST_BODY = 1024 * 1024


def keys_of(secrets: str) -> list[bytes]:
    """`whsec_<Base64>`, several apart by spaces."""
    return [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets.split()]


def is_signed(keys: list[bytes], headers: dict[str, str], body: bytes, now: float) -> bool:
    """As Standard Webhooks says: over id, time and body; fresh, so that nobody sends an old message again."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isascii() or not timestamp.isdigit() or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = [f"v1,{base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}" for key in keys]
    given = headers.get("webhook-signature", "").split(" ")
    # Every pair is compared, in the same time whether it fits or not.
    fits = [hmac.compare_digest(one.encode(), other.encode()) for one in expected for other in given]
    return any(fits)


class Events:
    """A file with one event per line; what is in it is not written again."""

    def __init__(self, path: Path) -> None:
        self._path, self._turn = path, threading.Lock()
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self._seen = {json.loads(line)["id"] for line in lines}

    def keep(self, event: dict[str, object]) -> bool:
        """Whether it was new. Events may come twice, under the same id."""
        with self._turn:
            if event["id"] in self._seen:
                return False
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(event, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
            self._seen.add(event["id"])
        return True


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    keys: list[bytes]
    events: Events

    def do_POST(self) -> None:
        """Check first, read second, answer last."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LONGEST_BODY:
            self.close_connection = True
            return self.answer(413)
        body = self.rfile.read(int(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not is_signed(self.keys, headers, body, time.time()):
            return self.answer(401)
        try:
            event = json.loads(body)
            new = self.events.keep(event)
        except (ValueError, KeyError, TypeError):
            return self.answer(400)
        said = "new  " if new else "again"
        print(f"{said} {event.get('position', '-'):>8} {event['type']} {event['subject']}", flush=True)
        return self.answer(204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Said above, without addresses."""


def main() -> None:
    port = int(sys.argv[1]) if sys.argv[1:] else 9000
    Receiver.keys = keys_of(os.environ["PREAU_WEBHOOK_SECRET"])
    Receiver.events = Events(Path(sys.argv[2] if sys.argv[2:] else "events.jsonl"))
    server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    print(f"listening on http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
