"""A platform that gives the credentials back in every answer, as badly built ones do."""

from __future__ import annotations

import base64
import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# What a mode answers: status, and whether the body is JSON.
MODES = {"500": 500, "401": 401, "403": 403, "400": 400, "garbled": 200, "redirect": 302}


class EchoPlatform:
    """Serves on 127.0.0.1; `mode` is one of MODES; `answered` counts answers with credentials."""

    def __init__(self) -> None:
        self.mode = "500"
        self.answered: Counter[str] = Counter()
        self.foreign: list[str] = []
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                platform.answer(self)

            do_POST = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing of the test's own noise."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> EchoPlatform:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        request.rfile.read(int(request.headers.get("Content-Length") or 0))
        header = request.headers.get("Authorization", "")
        pair = base64.b64decode(header.partition(" ")[2] or b"").decode()
        token = pair.partition(":")[2]
        if request.headers["Host"].startswith("localhost"):
            self.foreign.append(header)
        elif token:
            self.answered[self.mode] += 1
        said = f"Denied for {token}, login {pair}, header {header}"
        body = json.dumps({"@type": "Error", "message": said, "trace": [header, token]})
        if self.mode == "garbled":
            body = f"<html>{said}"
        sent = body.encode()
        request.send_response(MODES[self.mode])
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(sent)))
        request.send_header("X-Request-Id", token)
        if self.mode == "redirect":
            request.send_header("Location", f"http://localhost:{self.port}/{token}?t={token}")
        request.end_headers()
        request.wfile.write(sent)
