"""Getting in: personal links, consent, and strangers who ask.

A link carries a code that works once, for one person, for thirty days; only its hash is kept.
Confirming it moves the person to the account that confirms, and the account that had them is a
stranger from that moment on. Nothing counts before the person has agreed to their data being
kept; who refuses is unlinked, and the same link works again.

A stranger may name the unit that should let them in. The answer never tells whether there is such
a unit; its committee (or the nearest above, or the owner) decides who on the roll that is.
"""

from storage.joining.links import (
    VALID_FOR,
    agree,
    confirm,
    decline,
    invite,
    invites_for,
    look,
    may_invite,
    revoke,
)
from storage.joining.requests import ask, deciders, let_in, not_linked, turn_down, undecided
from storage.joining.tables import Invite, JoinRequest, Link, WrongCodes

__all__ = [
    "VALID_FOR",
    "Invite",
    "JoinRequest",
    "Link",
    "WrongCodes",
    "agree",
    "ask",
    "confirm",
    "deciders",
    "decline",
    "invite",
    "invites_for",
    "let_in",
    "look",
    "may_invite",
    "not_linked",
    "revoke",
    "turn_down",
    "undecided",
]
