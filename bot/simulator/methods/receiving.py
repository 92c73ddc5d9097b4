"""How the bot gets its updates: the webhook's settings and long polling."""

import asyncio
import re

from bot.simulator.errors import bad_request
from bot.simulator.methods.registry import method
from bot.simulator.params import Params
from bot.simulator.state import Json
from bot.simulator.world import World

SECRET_LIMIT = 256
_SECRET = re.compile(r"[A-Za-z0-9_-]*")


async def get_updates(world: World, params: Params, gone: asyncio.Event) -> list[Json]:
    """Not in the registry: it alone waits, and must see that the client has left."""
    allowed = params.thing("allowed_updates")
    if isinstance(allowed, list):
        world.updates.allowed = [str(kind) for kind in allowed]
    limit = min(max(params.number("limit") or 100, 1), 100)
    timeout = min(max(params.number("timeout") or 0, 0), 50)
    return await world.updates.poll(params.number("offset") or 0, limit, timeout, gone)


@method()
def set_webhook(world: World, params: Params) -> bool:
    url = params.text("url")
    if not url:
        return delete_webhook(world, params) is True
    # Plain http on purpose: the bot beside us has no certificate, as with a Bot API server of
    # one's own; Telegram's public server takes https alone.
    if not url.startswith(("http://", "https://")):
        raise bad_request("bad webhook: invalid URL")
    connections = params.number("max_connections") or 40
    if not 1 <= connections <= 100:
        raise bad_request("bad webhook: max_connections must be between 1 and 100")
    secret = params.text("secret_token")
    if len(secret) > SECRET_LIMIT:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    allowed = params.thing("allowed_updates")
    if isinstance(allowed, list):
        world.updates.allowed = [str(kind) for kind in allowed]
    if params.flag("drop_pending_updates"):
        world.updates.drop_all()
    world.updates.set_webhook(url, secret, connections)
    return True


@method()
def delete_webhook(world: World, params: Params) -> bool:
    if params.flag("drop_pending_updates"):
        world.updates.drop_all()
    world.updates.delete_webhook()
    return True


@method()
def get_webhook_info(world: World, params: Params) -> Json:
    webhook = world.updates.webhook
    told: Json = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates),
    }
    if webhook is not None:
        told["max_connections"] = webhook.max_connections
        if webhook.last_error is not None:
            told["last_error_date"], told["last_error_message"] = webhook.last_error
    if world.updates.allowed:
        told["allowed_updates"] = world.updates.allowed
    return told
