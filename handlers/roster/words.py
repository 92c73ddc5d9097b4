"""How roles, kinds, fields and ways to reach somebody are called."""

from __future__ import annotations

import phonenumbers

from handlers.text import Text, _
from storage.powers import Role
from storage.reach import Reach
from storage.roster import Kind

ROLES: dict[Role, Text] = {
    Role.SECRETARY: _("Secretary"),
    Role.DEPUTY: _("Deputy secretary"),
    Role.COMMITTEE: _("Committee member"),
    Role.MEMBER: _("Member"),
}
KINDS: dict[Kind, Text] = {
    Kind.OFFICIAL: _("official"),
    Kind.PROBATIONARY: _("probationary"),
    Kind.TEMPORARY: _("temporary"),
    Kind.EXEMPT: _("exempt"),
    Kind.LIAISON: _("213"),
    Kind.CANDIDATE: _("candidate"),
}
REACH: dict[Reach, Text] = {
    Reach.LINKED: _("linked"),
    Reach.NOT_STARTED: _("not started"),
    Reach.BLOCKED: _("blocked the bot"),
    Reach.PHONE: _("phone only"),
    Reach.PAPER: _("paper"),
}
FIELDS: dict[str, Text] = {
    "full_name": _("Full name"),
    "kind": _("Kind of member"),
    "born": _("Born"),
    "joined": _("Joined"),
    "official": _("Official"),
    "card": _("Card"),
    "phone": _("Telephone"),
    "residence": _("Residence"),
    "unit": _("Unit"),
}


def dialled(phone: str) -> str:
    """A telephone number as people dial it here, "0912 345 678"; foreign ones as they are."""
    if not phone.startswith("+84"):
        return phone
    number = phonenumbers.parse(phone)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
