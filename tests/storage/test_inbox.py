"""What members send to their committee: who gets it, who answers first, who may know the asker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import TypeVar

import pytest
from sqlmodel import Session, func, select

from storage import inbox, questions, roster, schedule, speakers
from storage.db import Database
from storage.errors import NotFound, Refusal
from storage.inbox import Ticket, TicketKind, TicketState
from storage.outbox import Notice, State
from storage.powers import Actor, Role
from storage.schedule import Schedule
from tests.town import ACCOUNTS, BRANCH_1, BRANCH_2, NOON, PARTY, settle, unit_id

TODAY = date(2026, 8, 3)
ZONE, QUIET = "Asia/Ho_Chi_Minh", "21:30-06:30"
T = TypeVar("T")

ASKED = "dang phi dong the nao khi nghi om"


def actor(session: Session, name: str) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=TODAY, owner=False)


def ask(
    session: Session,
    name: str = "huong",
    *,
    anonymous: bool = False,
    form: str = "form-1",
    text: str = ASKED,
    kind: TicketKind = TicketKind.QUESTION,
    now: datetime = NOON,
) -> Ticket:
    return inbox.send(
        session,
        actor(session, name),
        kind,
        text,
        anonymous=anonymous,
        form=form,
        now=now,
        zone=ZONE,
        quiet_hours=QUIET,
    )


def hand_on(session: Session, name: str, ticket: Ticket) -> Ticket:
    return inbox.hand_on(
        session, actor(session, name), ticket.id, now=NOON, zone=ZONE, quiet_hours=QUIET
    )


def told(session: Session, kind: str, cast: dict[str, int]) -> set[str]:
    names = {person_id: name for name, person_id in cast.items()}
    found = session.exec(select(Notice.person_id).where(Notice.kind == kind)).all()
    return {names[person_id] for person_id in found if person_id is not None}


def end_roles(session: Session, people: Iterable[int]) -> None:
    for grant in session.exec(select(roster.RoleGrant)).all():
        if grant.person_id in people:
            roster.end_role(session, grant, today=TODAY)


# -- sending -----------------------------------------------------------------------------------


def test_a_groups_members_question_goes_to_the_branchs_committee(
    session: Session, cast: dict[str, int]
) -> None:
    ticket = ask(session)
    assert ticket.unit_id == unit_id(session, BRANCH_1)
    assert told(session, "ticket.new", cast) == {"an", "binh", "chi"}


def test_where_a_branch_has_no_committee_the_one_above_is_asked(
    session: Session, cast: dict[str, int]
) -> None:
    end_roles(session, [cast["lan"]])
    assert ask(session, "minh").unit_id == unit_id(session, PARTY)
    assert told(session, "ticket.new", cast) == {"oanh"}


def test_the_only_one_of_a_committee_asks_the_committee_above(
    session: Session, cast: dict[str, int]
) -> None:
    assert ask(session, "lan").unit_id == unit_id(session, PARTY)


def test_where_there_is_no_committee_at_all_nothing_is_sent(
    session: Session, cast: dict[str, int]
) -> None:
    end_roles(session, cast.values())
    with pytest.raises(Refusal, match="no committee"):
        ask(session)
    assert session.exec(select(Ticket)).all() == []


def test_the_same_form_sent_twice_is_one_ticket(session: Session, cast: dict[str, int]) -> None:
    assert ask(session).id == ask(session, anonymous=True).id
    assert session.exec(select(func.count()).select_from(Ticket)).one() == 1
    assert session.exec(select(func.count()).select_from(Notice)).one() == 3


def test_who_asks_with_their_name_is_not_told_of_their_own_question(
    session: Session, cast: dict[str, int]
) -> None:
    ask(session, "binh")
    assert told(session, "ticket.new", cast) == {"an", "chi"}


def test_who_asks_anonymously_is_told_like_the_rest_of_the_committee(
    session: Session, cast: dict[str, int]
) -> None:
    ask(session, "binh", anonymous=True)
    assert told(session, "ticket.new", cast) == {"an", "binh", "chi"}


def test_a_question_at_night_lets_the_committee_sleep(
    session: Session, cast: dict[str, int]
) -> None:
    binh = session.get_one(roster.Person, cast["binh"])
    binh.quiet_hours = ""
    session.add(binh)
    night = datetime.fromisoformat("2026-08-03T23:00:00+07:00")
    ask(session, now=night)
    due = dict(session.exec(select(Notice.person_id, Notice.due_at)).all())
    assert due[cast["an"]] == datetime.fromisoformat("2026-08-04T06:30:00+07:00")
    assert due[cast["binh"]] == night


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b", "a" * 601])
def test_an_empty_or_endless_question_is_refused(
    session: Session, cast: dict[str, int], text: str
) -> None:
    with pytest.raises(Refusal):
        ask(session, text=text)


def test_a_suggestion_is_signed(session: Session, cast: dict[str, int]) -> None:
    with pytest.raises(NotFound):
        ask(session, kind=TicketKind.SUGGESTION, anonymous=True)
    assert ask(session, kind=TicketKind.SUGGESTION).person_id == cast["huong"]


def test_a_stranger_and_the_owner_have_no_committee(session: Session, cast: dict[str, int]) -> None:
    for nobody in (Actor(9), Actor(8, owner=True)):
        with pytest.raises(NotFound):
            inbox.send(
                session,
                nobody,
                TicketKind.QUESTION,
                ASKED,
                anonymous=False,
                form="form-9",
                now=NOON,
                zone=ZONE,
                quiet_hours=QUIET,
            )


# -- answering ---------------------------------------------------------------------------------


def test_the_first_answer_counts(session: Session, cast: dict[str, int]) -> None:
    ticket = ask(session)
    assert inbox.answer(session, actor(session, "an"), ticket.id, "Đóng như thường.", now=NOON)
    later = NOON + timedelta(minutes=1)
    assert not inbox.answer(session, actor(session, "chi"), ticket.id, "Khác.", now=later)
    assert (ticket.answer, ticket.answered_by) == ("Đóng như thường.", cast["an"])
    notice = session.exec(select(Notice).where(Notice.kind == "ticket.answered")).one()
    assert (notice.person_id, notice.priority) == (cast["huong"], 0)


def test_an_answer_in_the_night_is_not_held(session: Session, cast: dict[str, int]) -> None:
    night = datetime.fromisoformat("2026-08-03T23:00:00+07:00")
    inbox.answer(session, actor(session, "an"), ask(session).id, "Có.", now=night)
    notice = session.exec(select(Notice).where(Notice.kind == "ticket.answered")).one()
    assert notice.due_at == night


def test_an_answered_question_is_no_longer_announced(
    session: Session, cast: dict[str, int]
) -> None:
    inbox.answer(session, actor(session, "an"), ask(session).id, "Có.", now=NOON)
    states = session.exec(select(Notice.state).where(Notice.kind == "ticket.new")).all()
    assert set(states) == {State.CANCELLED}


@pytest.mark.parametrize("name", ["lan", "oanh", "dung", "huong"])
def test_the_number_of_a_ticket_opens_nothing_to_others(
    session: Session, cast: dict[str, int], name: str
) -> None:
    ticket, other = ask(session), actor(session, name)
    for attempt in (
        lambda: inbox.ticket_for(session, other, ticket.id),
        lambda: inbox.claim(session, other, ticket.id, now=NOON),
        lambda: inbox.release(session, other, ticket.id),
        lambda: hand_on(session, name, ticket),
        lambda: inbox.answer(session, other, ticket.id, "Tôi đây.", now=NOON),
        lambda: inbox.save(session, other, ticket.id, "Câu hỏi", source="", now=NOON),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert ticket.state == TicketState.OPEN


def test_a_ticket_that_is_not_there_looks_like_one_of_another_branch(
    session: Session, cast: dict[str, int]
) -> None:
    with pytest.raises(NotFound):
        inbox.ticket_for(session, actor(session, "an"), 4711)


def test_who_began_first_keeps_the_mark_until_they_let_go(
    session: Session, cast: dict[str, int]
) -> None:
    ticket = ask(session)
    inbox.claim(session, actor(session, "an"), ticket.id, now=NOON)
    inbox.claim(session, actor(session, "binh"), ticket.id, now=NOON)
    inbox.release(session, actor(session, "binh"), ticket.id)
    assert (ticket.state, ticket.claimed_by) == (TicketState.CLAIMED, cast["an"])
    inbox.release(session, actor(session, "an"), ticket.id)
    assert (ticket.state, ticket.claimed_by) == (TicketState.OPEN, None)


def test_a_ticket_is_handed_to_the_deputy_and_back_to_the_secretary(
    session: Session, cast: dict[str, int]
) -> None:
    ticket = ask(session)
    assert hand_on(session, "an", ticket).handed_to == Role.DEPUTY
    assert told(session, "ticket.handed", cast) == {"binh"}
    assert hand_on(session, "binh", ticket).handed_to == Role.SECRETARY
    assert told(session, "ticket.handed", cast) == {"an", "binh"}


def test_where_there_is_no_deputy_nothing_is_handed_on(
    session: Session, cast: dict[str, int]
) -> None:
    roster.give_role(
        session,
        session.get_one(roster.Person, cast["lan"]),
        unit_id(session, BRANCH_2),
        Role.SECRETARY,
        today=TODAY,
        by=None,
    )
    minhs = roster.give_role(
        session,
        session.get_one(roster.Person, cast["minh"]),
        unit_id(session, BRANCH_2),
        Role.COMMITTEE,
        today=TODAY,
        by=None,
    )
    ticket = ask(session, "lan")
    assert ticket.unit_id == minhs.unit_id
    with pytest.raises(Refusal, match="nobody to hand"):
        hand_on(session, "minh", ticket)


def test_the_inbox_shows_the_oldest_first_and_forgives_a_wrong_page(
    session: Session, cast: dict[str, int]
) -> None:
    asked = [
        ask(session, form=f"form-{n}", text=f"Câu {n}", now=NOON + timedelta(hours=n))
        for n in range(3)
    ]
    ask(session, "lan", form="other")
    an = actor(session, "an")
    shown = [inbox.page(session, an, number) for number in (1, 2, 3)]
    assert [page.ticket for page in shown] == asked
    assert {(page.count, page.oldest) for page in shown} == {(3, NOON)}
    assert inbox.page(session, an, 99).ticket == asked[2]
    assert inbox.page(session, an, -5).ticket == asked[0]
    inbox.answer(session, an, asked[0].id, "Có.", now=NOON)
    assert inbox.page(session, an, 1).oldest == NOON + timedelta(hours=1)
    assert inbox.page(session, actor(session, "huong"), 1).ticket is None


# -- anonymity ---------------------------------------------------------------------------------


def test_the_committee_learns_who_asked_only_when_it_was_signed(
    session: Session, cast: dict[str, int]
) -> None:
    signed, unsigned = ask(session), ask(session, form="form-2", anonymous=True)
    person = inbox.asker(session, signed)
    assert person is not None and person.id == cast["huong"]
    assert inbox.asker(session, unsigned) is None


def test_with_the_answer_an_anonymous_ticket_forgets_who_asked(
    session: Session, cast: dict[str, int]
) -> None:
    ticket = ask(session, anonymous=True)
    assert ticket.person_id == cast["huong"], "until then there must be somewhere to answer to"
    inbox.answer(session, actor(session, "an"), ticket.id, "Có.", now=NOON)
    assert ticket.person_id is None
    notice = session.exec(select(Notice).where(Notice.kind == "ticket.answered")).one()
    assert notice.facts == {"confidential": True}


def test_a_day_later_the_outbox_forgets_it_too_but_never_before_it_is_sent(
    session: Session, cast: dict[str, int]
) -> None:
    ticket = ask(session, anonymous=True)
    inbox.answer(session, actor(session, "an"), ticket.id, "Có.", now=NOON)
    due = session.exec(select(Schedule.next_at).where(Schedule.kind == "ticket.forget")).one()
    assert due == NOON + timedelta(days=1)

    inbox.forget(session, ticket.id, now=NOON + timedelta(days=1))
    notice = session.exec(select(Notice).where(Notice.kind == "ticket.answered")).one()
    again = session.exec(select(Schedule.next_at).where(Schedule.kind == "ticket.forget")).one()
    assert again == NOON + timedelta(days=2)

    notice.state = State.SENT
    session.add(notice)
    inbox.forget(session, ticket.id, now=NOON + timedelta(days=2))
    assert session.exec(select(Notice).where(Notice.person_id == cast["huong"])).all() == []


def test_a_signed_ticket_keeps_its_asker(session: Session, cast: dict[str, int]) -> None:
    ticket = ask(session)
    inbox.answer(session, actor(session, "an"), ticket.id, "Có.", now=NOON)
    assert ticket.person_id == cast["huong"]
    assert schedule.claim_due(session, now=NOON + timedelta(days=9)) == []


# -- keeping -----------------------------------------------------------------------------------


def test_a_kept_answer_is_found_by_the_next_who_asks(
    session: Session, cast: dict[str, int]
) -> None:
    ticket, an = ask(session), actor(session, "an")
    inbox.answer(session, an, ticket.id, "Đóng theo mức lương còn hưởng.", now=NOON)
    for _press in range(2):
        inbox.save(
            session, an, ticket.id, "Nghỉ ốm đóng đảng phí thế nào?", source="Cấp ủy", now=NOON
        )
    units = questions.units_of(actor(session, "giang"))
    hits = questions.find(session, "nghi om dong dang phi", units)
    assert [hit.entry.answer for hit in hits] == ["Đóng theo mức lương còn hưởng."]
    assert hits[0].confident
    others = questions.units_of(actor(session, "minh"))
    assert questions.find(session, "nghi om dong dang phi", others) == []


def test_what_is_not_answered_cannot_be_kept(session: Session, cast: dict[str, int]) -> None:
    ticket = ask(session)
    with pytest.raises(Refusal, match="answered"):
        inbox.save(session, actor(session, "an"), ticket.id, ASKED, source="", now=NOON)


# -- races -------------------------------------------------------------------------------------


def side_by_side(count: int, work: Callable[[int], T]) -> list[T]:
    """What each of several threads that start together comes to."""
    start = threading.Barrier(count)

    def run(number: int) -> T:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_of_a_committee_that_answers_at_once_one_is_first(database: Database) -> None:
    database.run(settle)
    number = database.run(lambda session: ask(session).id)
    names = ["an", "binh", "chi"] * 2

    def reply(place: int) -> bool:
        return database.run(
            lambda s: inbox.answer(s, actor(s, names[place]), number, names[place], now=NOON)
        )

    won = side_by_side(len(names), reply)
    assert won.count(True) == 1
    with Session(database.engine) as session:
        assert session.get_one(Ticket, number).answer == names[won.index(True)]
        sent = session.exec(select(Notice).where(Notice.kind == "ticket.answered")).all()
        assert len(sent) == 1


def test_two_processes_that_send_the_same_form_make_one_ticket(database: Database) -> None:
    database.run(settle)
    numbers = side_by_side(4, lambda _place: database.run(lambda session: ask(session).id))
    assert len(set(numbers)) == 1
