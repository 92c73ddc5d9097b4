"""How roles, kinds, fields and ways to reach somebody are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import phonenumbers

from handlers.text import Text, Words, _, cut
from storage.powers import Role
from storage.reach import Reach
from storage.roster import Kind, Person, Standing

NAMES = 30  # of people, on a page that names them by the way to reach them
NAME = 60  # letters of a name there

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
STANDINGS: dict[Standing, Text] = {
    Standing.HERE: _("takes part here"),
    Standing.ELSEWHERE: _("elsewhere for now"),
    Standing.SUSPENDED: _("suspended"),
}
CHOICES: dict[str, Mapping[str, Text]] = {  # the fields that have few values
    "kind": {kind.value: label for kind, label in KINDS.items()},
    "standing": {each.value: label for each, label in STANDINGS.items()},
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
    "standing": _("Taking part"),
    "born": _("Born"),
    "joined": _("Joined"),
    "official": _("Official"),
    "card": _("Card"),
    "phone": _("Telephone"),
    "residence": _("Residence"),
    "unit": _("Unit"),
}


def by_reach(people: Sequence[tuple[Reach, Person]]) -> list[Words]:
    """A line for each way to reach people: their names, with the telephone of who has one.

    At most `NAMES` people fit a message.
    """
    lines: list[Words] = []
    for way in Reach:
        names = []
        for how, person in people:
            if how == way:
                name = cut(person.full_name, NAME)
                names.append(f"{name} ({dialled(person.phone)})" if person.phone else name)
        if names:
            lines.append(_("{way}: {names}", way=REACH[way], names=", ".join(names)))
    return lines


def dialled(phone: str) -> str:
    """A telephone number as people dial it here, "0912 345 678"; foreign ones as they are."""
    if not phone.startswith("+84"):
        return phone
    number = phonenumbers.parse(phone)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
