"""The parameters of a Bot API call, whichever way they came: query, form, multipart or JSON.

In forms everything is text, and objects are JSON inside text; in a JSON body they may be either.
"""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from bot.simulator.errors import bad_request
from bot.simulator.state import Json

_BOUNDARY = re.compile(rb'boundary="?([^";,]+)"?', re.I)
_NAME = re.compile(r'\bname="([^"]*)"')
_FILENAME = re.compile(r'filename="((?:[^"\\]|\\.)*)"')
_FILENAME_UTF8 = re.compile(r"filename\*=(?:utf-8|UTF-8)''([^;\s]+)")


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    mime: str
    data: bytes


class Params:
    __slots__ = ("files", "values")

    def __init__(self, values: Json, files: dict[str, Upload] | None = None) -> None:
        self.values = values
        self.files = files or {}

    @classmethod
    def read(cls, query: bytes, content_type: bytes, body: bytes) -> "Params":
        values: Json = dict(parse_qsl(query.decode(), keep_blank_values=True)) if query else {}
        files: dict[str, Upload] = {}
        if body:
            kind = content_type.partition(b";")[0].strip().lower()
            if kind == b"application/json":
                values.update(_json_object(body))
            elif kind == b"multipart/form-data":
                boundary = _BOUNDARY.search(content_type)
                if boundary is None:
                    raise bad_request("multipart without a boundary")
                _read_multipart(body, boundary[1], values, files)
            else:
                values.update(parse_qsl(body.decode(), keep_blank_values=True))
        return cls(values, files)

    def has(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str:
        value = self.values.get(name)
        return "" if value is None else str(value)

    def number(self, name: str) -> int | None:
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(f"{name} must be a number") from None

    def need_number(self, name: str) -> int:
        number = self.number(name)
        if number is None:
            raise bad_request(f"{name} is empty")
        return number

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.text(name)
        return value.lower() in ("true", "1") if value else default

    def thing(self, name: str) -> Any:
        """An object or array, given as such or as JSON inside text."""
        value = self.values.get(name)
        if not isinstance(value, str) or value == "":
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def chat_id(self) -> int:
        if self.text("chat_id") == "":
            raise bad_request("chat_id is empty")
        found = self.loose_chat_id()
        if found is None:
            raise bad_request("chat not found")
        return found

    def loose_chat_id(self) -> int | None:
        """For the log and flood control: the chat, if there is one that makes sense."""
        try:
            return int(self.values["chat_id"])
        except (KeyError, TypeError, ValueError):
            return None

    def upload(self, name: str) -> Upload | str:
        """A new file, or the file_id of one that is stored already."""
        value = self.text(name)
        if value.startswith("attach://"):
            name = value.removeprefix("attach://")
        if name in self.files:
            return self.files[name]
        if not value:
            raise bad_request(f"there is no {name} in the request")
        return value

    def log(self) -> Json:
        if not self.files:
            return self.values
        sizes = {name: f"<{f.name}, {len(f.data)} bytes>" for name, f in self.files.items()}
        return {**self.values, **sizes}


def _json_object(body: bytes) -> Json:
    try:
        values = json.loads(body)
    except ValueError:
        raise bad_request("can't parse JSON in the request body") from None
    if not isinstance(values, dict):
        raise bad_request("expected a JSON object")
    return values


def _read_multipart(body: bytes, boundary: bytes, values: Json, files: dict[str, Upload]) -> None:
    """Read by hand: starlette's reader caps the size of a part and spools files to disk."""
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        if part.startswith(b"--"):
            return
        head, _, data = part.partition(b"\r\n\r\n")
        headers = head.decode("utf-8", "replace")
        name = _NAME.search(headers)
        if name is None:
            continue
        filename = _FILENAME_UTF8.search(headers) or _FILENAME.search(headers)
        if filename is None:
            values[name[1]] = data.decode("utf-8", "replace")
            continue
        mime = re.search(r"content-type:\s*([^\r\n;]+)", headers, re.I)
        files[name[1]] = Upload(_plain(filename[1]), mime[1] if mime else "", data)


def _plain(name: str) -> str:
    return unquote(name).replace('\\"', '"').rpartition("/")[2] or "file"
