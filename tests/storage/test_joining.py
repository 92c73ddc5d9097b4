"""Links work once, for one person; only their hashes are kept; committees decide for their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from storage import joining, roster, speakers
from storage.errors import NotFound, Refusal
from storage.joining import Invite, JoinRequest
from storage.outbox import Notice
from storage.powers import Actor
from storage.roster import Person, Unit
from tests.town import ACCOUNTS, BRANCH_1, BRANCH_2, NOON, STRANGER

CHIEF = Actor(0, owner=True)
NEW = 700_000_001


def newcomer(session: Session, path: str = BRANCH_1) -> Person:
    return roster.new_person(session, roster.unit_at(session, path), "Mai Thị Xuân")


def actor(session: Session, name: str) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)


def asked(session: Session, typed: str, *, owner_id: int | None = None) -> list[JoinRequest]:
    joining.ask(
        session,
        STRANGER,
        "Xuân",
        typed,
        owner_id=owner_id,
        quiet_hours="21:30-06:30",
        zone="Asia/Ho_Chi_Minh",
        today=NOON.date(),
        now=NOON,
    )
    return list(session.exec(select(JoinRequest).order_by("id")).all())


def test_the_database_never_holds_a_code(session: Session) -> None:
    code = joining.invite(session, CHIEF, newcomer(session).id, now=NOON)
    session.flush()
    assert all(code not in str(each.model_dump()) for each in session.exec(select(Invite)).all())


def test_a_code_is_good_for_thirty_days(session: Session) -> None:
    person = newcomer(session)
    code = joining.invite(session, CHIEF, person.id, now=NOON)
    on_the_last_day = NOON + joining.VALID_FOR - timedelta(seconds=1)
    assert joining.look(session, NEW, code, now=on_the_last_day) is person
    assert joining.look(session, NEW, code, now=NOON + joining.VALID_FOR) is None


def test_a_code_is_used_once(session: Session) -> None:
    code = joining.invite(session, CHIEF, newcomer(session).id, now=NOON)
    assert joining.confirm(session, NEW, code, now=NOON) is not None
    assert joining.confirm(session, NEW + 1, code, now=NOON) is None


def test_a_new_link_revokes_the_older_ones(session: Session) -> None:
    person = newcomer(session)
    old = joining.invite(session, CHIEF, person.id, now=NOON)
    new = joining.invite(session, CHIEF, person.id, now=NOON)
    assert joining.confirm(session, NEW, old, now=NOON) is None
    assert joining.confirm(session, NEW, new, now=NOON) is person


def test_a_printed_list_leaves_the_one_before_in_force(
    session: Session, cast: dict[str, int]
) -> None:
    person = newcomer(session)
    branch = session.get_one(Unit, person.unit_id)
    first = joining.invites_for(session, branch, now=NOON)
    second = joining.invites_for(session, None, now=NOON)
    assert [(each.full_name, each.unit) for each in first] == [("Mai Thị Xuân", BRANCH_1)]
    assert len(second) == 1
    assert joining.confirm(session, NEW, first[0].code, now=NOON) is person
    assert joining.confirm(session, NEW + 1, second[0].code, now=NOON) is None


def test_who_has_left_the_roll_cannot_come_in(session: Session) -> None:
    person = newcomer(session)
    code = joining.invite(session, CHIEF, person.id, now=NOON)
    person.ended = NOON.date()
    session.flush()
    assert joining.look(session, NEW, code, now=NOON) is None


@pytest.mark.parametrize("name", ["chi", "huong", "lan"])
def test_only_leaders_of_the_unit_make_links(
    session: Session, cast: dict[str, int], name: str
) -> None:
    with pytest.raises(NotFound):
        joining.invite(session, actor(session, name), newcomer(session).id, now=NOON)


def test_a_deputy_cannot_become_the_secretary_by_a_link(
    session: Session, cast: dict[str, int]
) -> None:
    with pytest.raises(NotFound):
        joining.invite(session, actor(session, "binh"), cast["an"], now=NOON)
    assert joining.invite(session, actor(session, "oanh"), cast["an"], now=NOON)
    assert joining.invite(session, actor(session, "an"), cast["binh"], now=NOON)
    assert joining.invite(session, actor(session, "binh"), cast["huong"], now=NOON)


def test_a_stranger_is_not_let_in_as_the_secretary_by_a_committee_member(
    session: Session, cast: dict[str, int]
) -> None:
    session.get_one(Person, cast["an"]).telegram_id = None
    (request,) = asked(session, "Chi bộ 1")
    with pytest.raises(NotFound):
        joining.let_in(session, actor(session, "chi"), request.id, cast["an"], now=NOON)
    assert session.get_one(Person, cast["an"]).telegram_id is None


def test_relinking_keeps_consent_and_moves_everything(
    session: Session, cast: dict[str, int]
) -> None:
    code = joining.invite(session, CHIEF, cast["huong"], now=NOON)
    huong = joining.confirm(session, NEW, code, now=NOON)
    assert huong is not None
    assert (huong.id, huong.telegram_id) == (cast["huong"], NEW)
    assert huong.consented_at is not None
    assert roster.person_of(session, ACCOUNTS["huong"]) is None


def test_a_unit_of_that_name_that_does_not_exist_leaves_nothing(
    session: Session, cast: dict[str, int]
) -> None:
    assert asked(session, "Chi bộ 77") == []
    assert session.exec(select(Notice)).all() == []


def test_a_path_tells_namesakes_apart(session: Session, cast: dict[str, int]) -> None:
    roster.unit_at(session, "Đảng bộ khác / Chi bộ 1")
    assert len(asked(session, "Sở Y tế / Chi bộ 1")) == 0
    assert len(asked(session, "đảng bộ sở y tế / chi bộ 1")) == 1


def test_a_committee_lets_nobody_in_under_a_name_from_beside(
    session: Session, cast: dict[str, int]
) -> None:
    (request,) = asked(session, "Chi bộ 1")
    beside = newcomer(session, BRANCH_2)
    with pytest.raises(NotFound):
        joining.let_in(session, actor(session, "an"), request.id, beside.id, now=NOON)
    with pytest.raises(NotFound):
        joining.let_in(session, actor(session, "lan"), request.id, beside.id, now=NOON)


def test_nobody_is_let_in_as_somebody_who_has_an_account(
    session: Session, cast: dict[str, int]
) -> None:
    (request,) = asked(session, "Chi bộ 1")
    with pytest.raises(Refusal, match="linked already"):
        joining.let_in(session, actor(session, "an"), request.id, cast["huong"], now=NOON)


def test_a_decided_request_forgets_the_strangers_name(
    session: Session, cast: dict[str, int]
) -> None:
    (request,) = asked(session, "Chi bộ 1")
    joining.turn_down(session, actor(session, "chi"), request.id, now=NOON)
    assert (request.name, request.accepted) == ("", False)
    with pytest.raises(Refusal, match="decided already"):
        joining.turn_down(session, actor(session, "an"), request.id, now=NOON)


def test_a_let_in_stranger_who_does_not_agree_is_unlinked(
    session: Session, cast: dict[str, int]
) -> None:
    (request,) = asked(session, "Chi bộ 1")
    person = newcomer(session)
    joining.let_in(session, actor(session, "an"), request.id, person.id, now=NOON)
    assert joining.decline(session, person, now=NOON)
    assert (person.telegram_id, session.exec(select(JoinRequest)).all()) == (None, [])
