"""Documents, photos, videos, music and voices: sent anew or again by file_id, and fetched."""

from bot.simulator import rules
from bot.simulator.errors import bad_request
from bot.simulator.methods.messages import edit, send
from bot.simulator.methods.registry import method
from bot.simulator.params import Params, Upload
from bot.simulator.state import File, Json
from bot.simulator.world import World

UPLOAD_LIMIT = 50 * 1024 * 1024
DOWNLOAD_LIMIT = 20 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")
PLURALS = {
    "document": "documents",
    "photo": "photos",
    "video": "videos",
    "audio": "music",
    "voice": "voice notes",
}
IN_ALBUMS = ("photo", "document", "video", "audio")
MIMES = {"video": "video/mp4", "audio": "audio/mpeg", "voice": "audio/ogg"}
NUMBERS = {"video": ("duration", "width", "height"), "audio": ("duration",), "voice": ("duration",)}
TEXTS = {"audio": ("performer", "title")}


def shown(file: File) -> Json:
    """The field of a message that shows this file."""
    told: Json = {"file_id": file.id, "file_unique_id": file.unique_id, "file_size": file.size}
    kind = file.kind
    if kind == "photo":  # the one size of it that there is here
        return {"photo": [{**told, "width": 800, "height": 600}]}
    told["mime_type"] = file.mime
    if kind in MIMES and not file.mime.startswith(("audio/", "video/")):
        told["mime_type"] = MIMES[kind]
    if kind != "voice":
        told["file_name"] = file.name
    if kind == "video":
        told |= {"width": 640, "height": 360}
    if kind in MIMES:
        told |= {"duration": 0, **file.facts}
    return {kind: told}


def _facts(kind: str, params: Params) -> Json:
    """What the bot says of its file, as far as it says anything."""
    numbers = {name: params.number(name) for name in NUMBERS.get(kind, ())}
    texts = {name: params.text(name) for name in TEXTS.get(kind, ())}
    return {name: value for name, value in {**numbers, **texts}.items() if value}


def _fields(world: World, params: Params, kind: str) -> Json:
    """The file of a request, stored now or known by its file_id, as the message shows it."""
    given = params.upload(kind)
    if isinstance(given, Upload):
        if not given.data:
            raise bad_request("file must be non-empty")
        if len(given.data) > UPLOAD_LIMIT:
            raise bad_request("file is too big")
        facts = _facts(kind, params)
        file = world.files.add(given.name, given.data, given.mime, kind=kind, facts=facts)
    elif given.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    else:
        known = world.files.by_id(given)
        if known is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if known.kind != kind:
            raise bad_request("type of file mismatch")
        file = known
    if kind == "photo" and (file.size > PHOTO_LIMIT or not file.data.startswith(PICTURES)):
        raise bad_request("IMAGE_PROCESS_FAILED")
    return shown(file)


def _send(world: World, params: Params, kind: str) -> Json:
    chat = rules.writable_chat(world, params, PLURALS[kind])
    caption = rules.caption_fields(world, params)
    return send(world, params, chat, {**_fields(world, params, kind), **caption})


@method(counted=True)
def send_document(world: World, params: Params) -> Json:
    return _send(world, params, "document")


@method(counted=True)
def send_photo(world: World, params: Params) -> Json:
    return _send(world, params, "photo")


@method(counted=True)
def send_video(world: World, params: Params) -> Json:
    return _send(world, params, "video")


@method(counted=True)
def send_audio(world: World, params: Params) -> Json:
    return _send(world, params, "audio")


@method(counted=True)
def send_voice(world: World, params: Params) -> Json:
    return _send(world, params, "voice")


@method(counted=True)
def send_media_group(world: World, params: Params) -> list[Json]:
    chat = rules.writable_chat(world, params)
    items = params.thing("media")
    if not isinstance(items, list) or not 2 <= len(items) <= 10:
        raise bad_request("group of media must contain from 2 to 10 items")
    sent = []
    album = str(world.call_count)
    for item in items:
        kind = item.get("type")
        if kind not in IN_ALBUMS:
            raise bad_request("wrong media type")
        inner = Params({**item, kind: item.get("media")}, params.files)
        fields = _fields(world, inner, kind)
        caption = rules.caption_fields(world, inner)
        sent.append(send(world, params, chat, {**fields, **caption, "media_group_id": album}))
    return sent


@method(counted=True)
def edit_message_media(world: World, params: Params) -> Json:
    """Another photo in the place of one; its caption and buttons with it."""
    chat = rules.writable_chat(world, params)
    message = rules.own_message(chat, params)
    given = params.thing("media")
    if not isinstance(given, dict) or given.get("type") != "photo":
        raise bad_request("wrong media type")
    if "photo" not in message.api:
        raise bad_request("there is no media in the message to edit")
    inner = Params({**given, "photo": given.get("media")}, params.files)
    inline, _ = rules.markup(params, only_inline=True)
    content = {**_fields(world, inner, "photo"), **rules.caption_fields(world, inner)}
    return edit(world, chat, message, content, inline)


@method()
def get_file(world: World, params: Params) -> Json:
    file = world.files.by_id(params.text("file_id"))
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if file.size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return {
        "file_id": file.id,
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "file_path": file.path,
    }
