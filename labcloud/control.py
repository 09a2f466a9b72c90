"""labcloud's own endpoints, under `/_labcloud/`: for its command line and its notebooks.

`health` is open. All else needs the token that only readers of the cloud's directory know, so
that code which merely reaches the port cannot reset or advance anything.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from labcloud.clock import parse_duration
from labcloud.cloud import Cloud
from labcloud.http import Request, Response
from labcloud.token import PREFIX, TOKEN_HEADER, token_of


class Control:
    """Answers `/_labcloud/<what>`; `shut_down` ends the server."""

    def __init__(self, cloud: Cloud, shut_down: Callable[[], None]) -> None:
        self._cloud = cloud
        self._shut_down = shut_down
        self._token = token_of(cloud.directory)
        self._endpoints: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
            "clock": self._clock,
            "bill": self._bill,
            "down": self._down,
        }

    def handle(self, request: Request) -> Response:
        """Return the response to a control request."""
        name = request.path.removeprefix(PREFIX)
        if name == "health":
            return _json(200, {"status": "up", "pid": os.getpid()})
        given = request.headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return _json(403, {"message": f"'{name}' needs the token of the cloud's directory"})
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            return _json(404, {"message": f"there is no '{name}'"})
        try:
            return _json(200, endpoint(dict(parse_qsl(request.query))))
        except ValueError as error:
            return _json(400, {"message": str(error)})

    def _clock(self, asked: dict[str, str]) -> dict[str, Any]:
        if "advance" in asked:
            self._cloud.bill.settle()
            self._cloud.clock.advance(parse_duration(asked["advance"]))
            self._cloud.schedule.run_due()
        clock = self._cloud.clock
        return {"now": clock.now().isoformat(), "ahead": clock.ahead}

    def _bill(self, asked: dict[str, str]) -> dict[str, Any]:
        return self._cloud.bill.summary(asked.get("lab"))

    def _down(self, asked: dict[str, str]) -> dict[str, Any]:
        self._shut_down()
        return {"status": "going down"}


def _json(status: int, value: dict[str, Any]) -> Response:
    return Response(status, [("Content-Type", "application/json")], json.dumps(value).encode())
