"""Documents and photos: sent anew or again by file_id, and fetched."""

from bot.simulator import rules
from bot.simulator.errors import bad_request
from bot.simulator.methods.messages import edit, send
from bot.simulator.methods.registry import method
from bot.simulator.params import Params, Upload
from bot.simulator.state import PHOTO_ID, File, Json
from bot.simulator.world import World

UPLOAD_LIMIT = 50 * 1024 * 1024
DOWNLOAD_LIMIT = 20 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")


def document_api(file: File) -> Json:
    return {
        "file_id": file.id,
        "file_unique_id": file.unique_id,
        "file_name": file.name,
        "mime_type": file.mime,
        "file_size": file.size,
    }


def _stored(world: World, given: Upload | str, *, photo: bool = False) -> File:
    """The file of a request: stored now, or known by its file_id."""
    if isinstance(given, Upload):
        if not given.data:
            raise bad_request("file must be non-empty")
        if len(given.data) > UPLOAD_LIMIT:
            raise bad_request("file is too big")
        return world.files.add(given.name, given.data, given.mime, photo=photo)
    if given.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    file = world.files.by_id(given)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file.id.startswith(PHOTO_ID) != photo:
        raise bad_request("type of file mismatch")
    return file


def photo_api(file: File) -> list[Json]:
    """The one size of a photo that there is here."""
    return [
        {
            "file_id": file.id,
            "file_unique_id": file.unique_id,
            "file_size": file.size,
            "width": 800,
            "height": 600,
        }
    ]


def _photo_fields(file: File) -> Json:
    if file.size > PHOTO_LIMIT or not file.data.startswith(PICTURES):
        raise bad_request("IMAGE_PROCESS_FAILED")
    return {"photo": photo_api(file)}


@method(counted=True)
def send_document(world: World, params: Params) -> Json:
    chat = rules.writable_chat(world, params)
    caption = rules.caption_fields(world, params)
    file = _stored(world, params.upload("document"))
    return send(world, params, chat, {"document": document_api(file), **caption})


@method(counted=True)
def send_photo(world: World, params: Params) -> Json:
    chat = rules.writable_chat(world, params)
    caption = rules.caption_fields(world, params)
    file = _stored(world, params.upload("photo"), photo=True)
    return send(world, params, chat, {**_photo_fields(file), **caption})


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
        inner = Params({**item, kind: item.get("media")}, params.files)
        file = _stored(world, inner.upload(kind), photo=kind == "photo")
        if kind == "photo":
            fields = _photo_fields(file)
        elif kind == "document":
            fields = {"document": document_api(file)}
        else:
            raise bad_request("wrong media type")
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
    file = _stored(world, inner.upload("photo"))
    inline, _ = rules.markup(params, only_inline=True)
    content = {**_photo_fields(file), **rules.caption_fields(world, inner)}
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
