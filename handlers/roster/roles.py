"""Roles of one person: given and ended, each with a second tap."""

from __future__ import annotations

from handlers.kit import Button, Note, Say, Talk, button, notice
from handlers.roster.members import card
from handlers.roster.words import ROLES
from handlers.text import _
from storage import role_news, roster, roster_edit
from storage.errors import NotFound
from storage.outbox import Class
from storage.powers import Role
from storage.roster import RoleGrant, Unit
from storage.roster_import import may_grant


@button("roles", power="role.give")
def roles(talk: Talk, person_id: int) -> Say:
    """The roles held, and those that may be given."""
    person = roster_edit.on_roll(talk.session, talk.actor, person_id, "role.give")
    held = roster_edit.roles_of(talk.session, person, today=talk.today)
    free = [each for each in roster_edit.GIVEN if (each, person.unit_id) not in _pairs(held)]
    return Say(
        _("Roles of {name}", name=person.full_name),
        *(
            _("{role} · {unit}", role=ROLES[Role(e.role)], unit=_name(talk, e.unit_id))
            for e in held
        ),
        _("Which role begins or ends?"),
        buttons=[
            *([Button(_("End: {role}", role=ROLES[Role(e.role)]), "endrole", e.id)] for e in held),
            *([Button(ROLES[each], "giverole", person.id, each)] for each in free),
            [Button(_("‹ Back"), "member", person.id)],
        ],
    )


def _pairs(held: list[RoleGrant]) -> set[tuple[str, int]]:
    return {(each.role, each.unit_id) for each in held}


def _name(talk: Talk, unit_id: int) -> str:
    return talk.session.get_one(Unit, unit_id).name


@button("giverole", power="role.give")
def give(talk: Talk, person_id: int, word: str) -> Say:
    """On which unit? The person's own or one above, as far as the speaker may."""
    person = roster_edit.on_roll(talk.session, talk.actor, person_id, "role.give")
    role = _role(word)
    lineage = roster.unit_lineage(talk.session, person.unit_id)
    offered = [
        unit_id
        for place, unit_id in enumerate(lineage, 1)
        if may_grant(talk.actor, role, lineage[:place])
    ]
    return Say(
        _(
            "{name} becomes {role} from today. Of which unit?",
            name=person.full_name,
            role=ROLES[role],
        ),
        buttons=[
            *(
                [Button(_name(talk, each), "giveyes", person.id, each, role)]
                for each in reversed(offered)
            ),
            [Button(_("Cancel"), "roles", person.id)],
        ],
    )


@button("giveyes", power="role.give")
def give_yes(talk: Talk, person_id: int, unit_id: int, word: str) -> Say:
    """Given."""
    person = roster_edit.give_role(
        talk.session,
        talk.actor,
        person_id,
        unit_id,
        _role(word),
        quiet=talk.house.quiet,
        now=talk.now,
        today=talk.today,
    )
    return card(talk, person)


@button("endrole", power="role.give")
def end(talk: Talk, grant_id: int) -> Say:
    """Asks again."""
    grant = talk.session.get(RoleGrant, grant_id)
    if grant is None:
        raise NotFound
    person = roster_edit.on_roll(talk.session, talk.actor, grant.person_id, "role.give")
    return Say(
        _(
            "End 1 role: {name}, {role} of {unit}?",
            name=person.full_name,
            role=ROLES[Role(grant.role)],
            unit=_name(talk, grant.unit_id),
        ),
        buttons=[
            [Button(_("End 1 role"), "endroleyes", grant.id)],
            [Button(_("Cancel"), "roles", person.id)],
        ],
    )


@button("endroleyes", power="role.give")
def end_yes(talk: Talk, grant_id: int) -> Say:
    """Ended."""
    person = roster_edit.end_role(
        talk.session, talk.actor, grant_id, now=talk.now, today=talk.today
    )
    return card(talk, person)


def _role(word: str) -> Role:
    if word not in roster_edit.GIVEN:
        raise NotFound
    return Role(word)


@notice("role.given", power="home", klass=Class.ONCE, about=_("A role was given"))
def given(note: Note) -> Say | None:
    """To the one who has it now; the press lays out the keyboard's new row."""
    grant = role_news.holds(note.session, note.subject_id, today=note.today)
    if grant is None or note.person is None or grant.person_id != note.person.id:
        return None
    unit = note.session.get_one(Unit, grant.unit_id)
    return Say(
        _(
            "You have a role from today: {role} · {unit}.",
            role=ROLES[Role(grant.role)],
            unit=unit.name,
        ),
        _("Press Continue: the keys Manage and Inbox then stand below the typing field."),
        buttons=[[Button(_("Continue"), "join")]],
    )
