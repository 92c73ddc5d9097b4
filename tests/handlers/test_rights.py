"""Every button, form, command and file, pressed by those whose business it is not.

Chi bộ 1 has one of everything. Its ids are then forged into every address there is by people of
Chi bộ 2, by a stranger, and by those whose time in Chi bộ 1 is over; none of them may read a word
of it or move a row of it. A new button is tried by itself; a new kind of argument fails here until
`FORGED` says what a forged one looks like.

Who may do what is not the database's business; one kind of it will do. It is furnished once, and
what a test does in it is undone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlmodel import Session, select

from storage import campaigns, drafts, roster
from storage.db import Database
from storage.drafts import Draft
from storage.errors import NotFound
from storage.keyed import Keys
from storage.outbox import Claimed, Notice
from storage.powers import Role
from storage.roster import Person, RoleGrant
from tests.conftest import Databases
from tests.handlers.forged import (
    NOW,
    OUTSIDERS,
    Branch,
    address,
    addresses,
    arguments_of,
    routes,
)
from tests.handlers.furnished import ROOM_1, ROOM_2, SECRET, furnish
from tests.town import ACCOUNTS, AUDIT_KEY, BRANCH_2, unit_id

IN_GROUP = {
    "attend",
    "attend_mine",
    "late",
    "linkgroup",
    "linkpage",
    "next_meeting",
    "poll_answer",
    "roll_group",
}
AS_OUTSIDER = pytest.mark.parametrize("name", OUTSIDERS)


@pytest.fixture(scope="module")
def furnished(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    """Chi bộ 1 with one of everything, in a transaction that is never committed."""
    folder = tmp_path_factory.mktemp("furnished")
    database = Database(databases.create("sqlite", folder, cast=True), keys=Keys(AUDIT_KEY))
    with Session(database.engine) as session:
        yield furnish(session, folder)
    database.close()


@pytest.fixture
def branch(furnished: Branch) -> Iterator[Branch]:
    """The same; nothing of what a test does is kept."""
    savepoint = furnished.session.begin_nested()
    yield furnished
    savepoint.rollback()


@pytest.fixture(scope="module")
def forms(furnished: Branch) -> list[Draft]:
    """Each form that An opens with a press, and what it becomes when she types."""
    found: dict[tuple[str, frozenset[str]], Draft] = {}
    for route in routes(furnished, "button"):
        for arguments in addresses(furnished.forged, route):
            savepoint = furnished.session.begin_nested()
            furnished.press(ACCOUNTS["an"], address(route, arguments))
            for word in (None, "Nguyễn Văn Mới", "0912345678"):
                if word is not None:
                    furnished.type(ACCOUNTS["an"], word)
                form = drafts.open_draft(furnished.session, ACCOUNTS["an"], now=NOW)
                if form is None:
                    break
                found.setdefault((form.form, frozenset(form.data)), form)
            savepoint.rollback()
    return list(found.values())


@AS_OUTSIDER
def test_no_button_opens_what_is_another_branchs(branch: Branch, name: str) -> None:
    press_all(branch, name, None)


@pytest.mark.parametrize("room", [ROOM_1, ROOM_2])
@pytest.mark.parametrize("name", ["lan", "minh", "phuc"])
def test_no_button_opens_it_in_a_group_either(branch: Branch, name: str, room: int) -> None:
    press_all(branch, name, room)


def press_all(branch: Branch, name: str, chat: int | None) -> None:
    for route in routes(branch, "button"):
        if chat is not None and not route.group:
            continue
        with branch.untouched_by(OUTSIDERS[name], f"{route.name} pressed by {name}"):
            for arguments in addresses(branch.forged, route):
                data = address(route, arguments)
                said = branch.press(OUTSIDERS[name], data, chat)
                branch.tells_nothing(said, f"{data} pressed by {name}")


def test_a_group_reads_nothing_that_was_made_for_a_private_chat(branch: Branch) -> None:
    """Pressed in the group by those who may, it answers them alone."""
    for route in routes(branch, "button"):
        data = address(route, next(addresses(branch.forged, route)))
        for name in ("an", "huong"):
            savepoint = branch.session.begin_nested()
            said = branch.press(ACCOUNTS[name], data, ROOM_1)
            assert route.name in IN_GROUP or [act["do"] for act in said] == ["answer"], data
            savepoint.rollback()
    assert {route.name for route in routes(branch, "button") if route.group} == IN_GROUP


@AS_OUTSIDER
def test_no_command_or_typed_word_opens_what_is_another_branchs(branch: Branch, name: str) -> None:
    words = [
        "Nguyễn",
        f"{SECRET.lower()} hoi gi",
        "01",
        "có",
        *(f"/start {code}" for code in ("A", "t1")),
    ]
    words += [f"/{route.name} {SECRET.lower()} hoi gi" for route in routes(branch, "command")]
    words += [f"/{route.name}" for route in routes(branch, "command")]
    for word in words:
        with branch.untouched_by(OUTSIDERS[name], f"{word} typed by {name}"):
            said = branch.type(OUTSIDERS[name], word)
            branch.tells_nothing(said, f"{word} typed by {name}")


@pytest.mark.parametrize("name", ["lan", "phuc", "minh"])
def test_a_form_that_was_opened_while_in_office_is_worth_nothing_after(
    branch: Branch, forms: list[Draft], name: str
) -> None:
    """Every form that An can open, with her ids in it, in the hands of somebody else."""
    assert {form.form for form in forms} >= {"roster.add", "roster.edit", "inbox.answer"}
    account = OUTSIDERS[name]
    for form in forms:
        with branch.untouched_by(account, f"{form} in the hands of {name}"):
            for word in ("BI", "15/8/2026 19h30", "0912345678"):
                branch.open_form(account, form)
                branch.tells_nothing(branch.type(account, word), f"{form} typed {word} by {name}")
            press_with(branch, name, form)


def press_with(branch: Branch, name: str, form: Draft) -> None:
    """Presses what takes a form's token, and what has no argument but the form.

    The rest is pressed without a form elsewhere. So is what the dispatcher turns away before it
    calls the handler: it has not looked at the address, and what is left of that here is one press.
    """
    tokens = [value for value in form.data.values() if isinstance(value, str) and ":" not in value]
    forged = {**branch.forged, "token": tokens or ["-"]}
    for route in routes(branch, "button"):
        names = {each.name for each in arguments_of(route.run)}
        if names and not {"token", "code"} & names:
            continue
        for arguments in addresses(forged, route):
            data = address(route, arguments)
            if len(data.encode()) > 64:
                continue
            branch.open_form(OUTSIDERS[name], form)
            said = branch.press(OUTSIDERS[name], data)
            branch.tells_nothing(said, f"{data} with {form} by {name}")
            if not branch.ran:
                break


# A picture of what the one who asks has typed; an empty form, the same for every secretary.
NOBODYS = ("qr", "bank.example")


@AS_OUTSIDER
def test_no_file_is_made_of_what_is_another_branchs(branch: Branch, name: str) -> None:
    branch.session.add(campaign_file(branch))
    made = 0
    for route in routes(branch, "maker"):
        for arguments in addresses(branch.forged, route):
            act = {"make": route.name, "args": arguments, "chat": 1, "person": OUTSIDERS[name]}
            if route.name in NOBODYS:
                continue
            with pytest.raises(NotFound):
                branch.talk.make(branch.session, act, now=NOW)
            made += 1
    assert made


def campaign_file(branch: Branch) -> campaigns.LessonFile:
    return campaigns.LessonFile(lesson_id=branch.forged["lesson_id"][0], content=b"%PDF")


def test_a_committees_notices_do_not_follow_somebody_into_another_office(branch: Branch) -> None:
    """An leaves Chi bộ 1 for Chi bộ 2, where she is secretary too, before they are sent."""
    session = branch.session
    an = session.exec(select(Person).where(Person.telegram_id == ACCOUNTS["an"])).one()
    held = session.exec(select(RoleGrant).where(RoleGrant.person_id == an.id)).one()
    roster.end_role(session, held, today=NOW.date())
    an.unit_id = unit_id(session, BRANCH_2)
    roster.give_role(session, an, an.unit_id, Role.SECRETARY, today=NOW.date(), by=None)
    session.flush()
    told = set()
    for notice in session.exec(select(Notice).where(Notice.person_id == an.id)).all():
        kind = branch.talk.routes["notice", notice.kind]
        if kind.power in COMMITTEE_POWERS:
            told.add(notice.kind)
            act = branch.talk.wording.word(session, Claimed(notice, ACCOUNTS["an"]), now=NOW)
            assert act is None, f"{notice.kind} told {act}"
    assert told >= {"leave.request", "ticket.new", "join.request", "attendance.request"}


COMMITTEE_POWERS = {"absence.decide", "attendance.take", "inbox", "join.decide", "manage"}


def test_the_secretary_herself_reads_and_changes_it(branch: Branch) -> None:
    """The trap is set where there is something to catch."""
    heard = ""
    (desk, *_more) = branch.forged["meeting_id"][1:]
    for data in (f"meeting_desk:{desk}", "inbox", f"people:{branch.forged['unit_id'][0]}:0"):
        heard += json.dumps(branch.press(ACCOUNTS["an"], data), ensure_ascii=False)
    assert SECRET in heard and "Lê Thị Chi" in heard
    branch.press(ACCOUNTS["an"], f"meeting_off:{desk}")
    with pytest.raises(AssertionError, match="changed"):
        branch.is_untouched(ACCOUNTS["an"], "calling off")
