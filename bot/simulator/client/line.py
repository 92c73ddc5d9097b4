"""The HTTP line to one world."""

from typing import Any

import httpx


class SimulatorError(Exception):
    """The simulator refused what a test asked of it."""


class Line:
    def __init__(self, http: httpx.Client, key: str) -> None:
        self.http, self.key = http, key

    def act(self, action: str, **given: Any) -> Any:
        return self._result(self.http.post(f"/control/{self.key}/{action}", json=given))

    def upload(self, name: str, data: bytes, size: int | None) -> str:
        params: dict[str, str | int] = {"name": name}
        if size is not None:
            params["size"] = size
        reply = self.http.post(f"/control/{self.key}/upload", params=params, content=data)
        return str(self._result(reply)["file_id"])

    def download(self, file_id: str) -> bytes:
        reply = self.http.get(f"/control/{self.key}/files/{file_id}")
        if reply.is_error:
            raise SimulatorError(reply.text)
        return reply.content

    def close(self) -> None:
        if not self.http.is_closed:
            self.http.delete(f"/control/{self.key}")
            self.http.close()

    @staticmethod
    def _result(reply: httpx.Response) -> Any:
        if reply.is_error:
            raise SimulatorError(f"{reply.url.path}: {reply.text}")
        return reply.json()
