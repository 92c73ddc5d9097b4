"""Essays: the receipt, the last second, who reads them, and until when one may be taken back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session, select

from storage import essays, roster, speakers
from storage.campaigns import Campaign
from storage.db import Database
from storage.errors import NotFound, Refusal
from storage.essays import Attached, Essay, EssayCall, EssayFile, OwnEssay
from storage.outbox import Notice, State
from storage.powers import Actor, Role
from storage.quiet import Quiet
from storage.roster import Kind, Person
from tests.storage.test_campaigns import TWO_LESSONS, take
from tests.town import ACCOUNTS, BRANCH_1, NOON, PARTY, settle, unit_id

QUIET = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")
DUE = date(2026, 8, 20)
LAST_SECOND = datetime.fromisoformat("2026-08-20T23:59:59+07:00")
ESSAY = "Qua học tập tôi nhận thấy"
BRANCH = {"an", "binh", "chi", "dung", "giang", "huong", "khanh"}


def actor(session: Session, name: str) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)


def asked(session: Session, folder: Path, *, unit: str = "Chi bộ 1", by: str = "an") -> EssayCall:
    text = TWO_LESSONS.replace('unit = "Chi bộ 1"', f'unit = "{unit}"')
    campaign = take(session, folder, text)
    return essays.ask(
        session, actor(session, by), campaign.id, "Liên hệ bản thân", DUE, quiet=QUIET, now=NOON
    )


def hand_in(
    session: Session,
    call: EssayCall,
    name: str,
    *parts: str,
    files: tuple[str, ...] = (),
    token: str = "",
    now: datetime = NOON,
) -> OwnEssay:
    attached = [Attached(f"F{each}", f"U{each}", f"{each}.jpg", photo=True) for each in files]
    return essays.hand_in(
        session,
        actor(session, name),
        call.id,
        parts or (f"{ESSAY} {name}",),
        attached,
        token=token or f"{name}{len(session.exec(select(Essay)).all())}",
        now=now,
    )


def essay_of(found: OwnEssay) -> Essay:
    assert found.essay is not None
    return found.essay


def told(session: Session, cast: dict[str, int], kind: str) -> set[str]:
    found = session.exec(
        select(Notice.person_id).where(Notice.kind == kind, Notice.state == State.QUEUED)
    ).all()
    return {name for name, number in cast.items() if number in found}


# -- asking --------------------------------------------------------------------------------------


def test_everybody_is_asked_a_minute_later_and_the_notice_says_nothing_of_it(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    asked(session, tmp_path)
    assert told(session, cast, essays.ASKED) == BRANCH
    notices = session.exec(select(Notice).where(Notice.kind == essays.ASKED)).all()
    assert {each.due_at for each in notices} == {NOON + timedelta(seconds=60)}
    assert all(each.facts == {} for each in notices)


def test_within_its_minute_the_question_is_taken_back(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call, an = asked(session, tmp_path), actor(session, "an")
    assert essays.undo(session, an, call.id, now=NOON + timedelta(seconds=59))
    assert told(session, cast, essays.ASKED) == set()
    again = essays.ask(session, an, call.campaign_id, "Khác", DUE, quiet=QUIET, now=NOON)
    assert not essays.undo(session, an, again.id, now=NOON + timedelta(seconds=60))


def test_a_second_question_is_the_first(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call = asked(session, tmp_path)
    an = actor(session, "binh")
    same = essays.ask(session, an, call.campaign_id, "Khác", DUE, quiet=QUIET, now=NOON)
    assert (same.id, same.topic) == (call.id, "Liên hệ bản thân")


@pytest.mark.parametrize("name", ["lan", "huong", "oanh"])
def test_only_the_campaigns_own_committee_asks(
    session: Session, cast: dict[str, int], tmp_path: Path, name: str
) -> None:
    campaign = take(session, tmp_path, TWO_LESSONS)
    with pytest.raises(NotFound):
        essays.ask(session, actor(session, name), campaign.id, "Gì", DUE, quiet=QUIET, now=NOON)


def test_an_essay_in_hand_keeps_the_question_from_being_undone(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call = asked(session, tmp_path)
    hand_in(session, call, "huong")
    assert not essays.undo(session, actor(session, "an"), call.id, now=NOON)


# -- handing in ----------------------------------------------------------------------------------


def test_a_receipt_has_a_number_a_moment_and_a_digest(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call = asked(session, tmp_path)
    first = essay_of(hand_in(session, call, "huong", "Một", "Hai"))
    second = essay_of(hand_in(session, call, "giang", "Một", "Hai"))
    third = essay_of(hand_in(session, call, "khanh", "Một", "Hai", files=("a",)))
    assert [first.number, second.number, third.number] == [1, 2, 3]
    assert first.text == "Một\n\nHai" and first.sent_at == NOON
    assert first.digest == second.digest != third.digest
    assert len(first.digest) == 64


def test_a_file_is_known_by_its_number_alone(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call = asked(session, tmp_path)
    found = essays.hand_in(
        session,
        actor(session, "huong"),
        call.id,
        [],
        [Attached("F1", "U1", "bài.docx"), Attached("F2", "U1", "bài.docx")],
        token="t",
        now=NOON,
    )
    assert [(each.file_id, each.unique_id) for each in found.files] == [("F2", "U1")]
    assert essay_of(found).text == ""


def test_a_double_press_hands_in_one(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call = asked(session, tmp_path)
    for _press in range(2):
        assert essay_of(hand_in(session, call, "huong", "Một", token="t")).number == 1
    assert len(session.exec(select(Essay)).all()) == 1


def test_two_phones_hand_in_at_once_and_it_is_one_essay(database: Database, tmp_path: Path) -> None:
    database.run(settle)
    call_id = database.run(lambda session: asked(session, tmp_path).id)

    def press(session: Session) -> None:
        hand_in(session, session.get_one(EssayCall, call_id), "huong", "Một", token="t")

    for each in [database.submit(press) for _phone in range(4)]:
        each.result(20)
    assert database.run(lambda s: len(s.exec(select(Essay)).all())) == 1


def test_people_who_hand_in_at_once_get_numbers_of_their_own(
    database: Database, tmp_path: Path
) -> None:
    database.run(settle)
    call_id = database.run(lambda session: asked(session, tmp_path).id)

    def press(session: Session, name: str) -> None:
        hand_in(session, session.get_one(EssayCall, call_id), name, token=name)

    waiting = [database.submit(partial(press, name=name)) for name in sorted(BRANCH)]
    for each in waiting:
        each.result(20)
    numbers = database.run(lambda s: sorted(s.exec(select(Essay.number)).all()))
    assert numbers == list(range(1, 8))


def test_a_second_essay_is_refused_while_the_first_stands(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call = asked(session, tmp_path)
    hand_in(session, call, "huong", token="a")
    with pytest.raises(Refusal, match="already"):
        hand_in(session, call, "huong", token="b")


@pytest.mark.parametrize(
    ("parts", "files"),
    [(("",), ()), (("a" * 30_001,), ()), (("x",), tuple("abcdefghijk"))],
    ids=["nothing", "too long", "11 files"],
)
def test_what_is_nothing_or_too_much_is_refused(
    session: Session,
    cast: dict[str, int],
    tmp_path: Path,
    parts: tuple[str, ...],
    files: tuple[str, ...],
) -> None:
    call = asked(session, tmp_path)
    with pytest.raises(Refusal):
        hand_in(session, call, "huong", *parts, files=files)
    assert session.exec(select(Essay)).all() == []


def test_the_last_second_is_in_time_and_what_comes_later_is_taken_and_marked(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call = asked(session, tmp_path)
    assert not hand_in(session, call, "huong", now=LAST_SECOND).late
    assert hand_in(session, call, "giang", now=LAST_SECOND + timedelta(seconds=1)).late
    found = essays.heap(session, actor(session, "an"), call.campaign_id)
    assert (len(found.handed), found.late) == (2, 1)


# -- taking back ---------------------------------------------------------------------------------


def test_taken_back_nothing_of_it_is_left_and_its_number_is_not_given_again(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call, huong = asked(session, tmp_path), actor(session, "huong")
    first = essay_of(hand_in(session, call, "huong", files=("a",)))
    for _press in range(2):
        assert essays.take_back(session, huong, first.id, now=NOON).essay is None
    row = session.get_one(Essay, first.id)
    assert (row.text, row.digest) == ("", "")
    assert session.exec(select(EssayFile)).all() == []
    assert essay_of(hand_in(session, call, "huong")).number == 2
    with pytest.raises(NotFound):
        essays.open_essay(session, actor(session, "an"), first.id, now=NOON)


def test_once_the_committee_has_opened_it_it_stays(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call = asked(session, tmp_path)
    essay = essay_of(hand_in(session, call, "huong"))
    essays.open_essay(session, actor(session, "an"), essay.id, now=NOON)
    with pytest.raises(Refusal, match="opened"):
        essays.take_back(session, actor(session, "huong"), essay.id, now=NOON)
    assert session.get_one(Essay, essay.id).text.startswith(ESSAY)


def test_the_list_alone_does_not_open_an_essay(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call = asked(session, tmp_path)
    essay = essay_of(hand_in(session, call, "huong"))
    essays.heap(session, actor(session, "an"), call.campaign_id)
    assert essays.take_back(session, actor(session, "huong"), essay.id, now=NOON).essay is None


def test_nobody_takes_back_anothers(session: Session, cast: dict[str, int], tmp_path: Path) -> None:
    call = asked(session, tmp_path)
    essay = essay_of(hand_in(session, call, "huong"))
    for name in ("giang", "an", "lan"):
        with pytest.raises(NotFound):
            essays.take_back(session, actor(session, name), essay.id, now=NOON)


# -- who reads -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lan", "minh", "giang", "oanh", "dung"])
def test_a_neighbour_a_member_and_those_above_read_nothing(
    session: Session, cast: dict[str, int], tmp_path: Path, name: str
) -> None:
    call, who = asked(session, tmp_path), actor(session, name)
    essay = essay_of(hand_in(session, call, "huong"))
    for act in (
        lambda: essays.open_essay(session, who, essay.id, now=NOON),
        lambda: essays.mark_seen(session, who, essay.id, None, quiet=QUIET, now=NOON),
        lambda: essays.heap(session, who, call.campaign_id),
        lambda: essays.undo(session, who, call.id, now=NOON),
        lambda: essays.change(session, who, call.id, topic="x", due=DUE, now=NOON),
    ):
        with pytest.raises(NotFound):
            act()
    assert session.get_one(Essay, essay.id).opened_at is None


def test_who_was_secretary_until_yesterday_reads_nothing(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call = asked(session, tmp_path)
    essay = essay_of(hand_in(session, call, "huong"))
    held = session.exec(
        select(roster.RoleGrant).where(roster.RoleGrant.person_id == cast["an"])
    ).one()
    roster.end_role(session, held, today=NOON.date())
    with pytest.raises(NotFound):
        essays.open_essay(session, actor(session, "an"), essay.id, now=NOON)


def test_of_a_campaign_from_above_a_branch_reads_its_own_people(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call = asked(session, tmp_path, unit="Đảng bộ Sở Y tế", by="oanh")
    of_1 = essay_of(hand_in(session, call, "huong"))
    of_2 = essay_of(hand_in(session, call, "minh"))
    an, lan, oanh = (actor(session, name) for name in ("an", "lan", "oanh"))

    def readable(who: Actor) -> list[int]:
        return [e.id for _p, e in essays.heap(session, who, call.campaign_id).handed]

    assert readable(an) == [of_1.id]
    assert readable(lan) == [of_2.id]
    assert readable(oanh) == [of_1.id, of_2.id]
    assert essays.open_essay(session, an, of_1.id, now=NOON).person.id == cast["huong"]
    with pytest.raises(NotFound):
        essays.open_essay(session, lan, of_1.id, now=NOON)
    assert not essays.heap(session, an, call.campaign_id).leads
    with pytest.raises(NotFound):
        essays.change(session, an, call.id, topic="Khác", due=DUE, now=NOON)


def test_who_leads_a_team_reads_the_teams_essays_only(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    team = unit_id(session, f"{BRANCH_1} / Tổ 1")
    giang = session.get_one(Person, cast["giang"])
    roster.give_role(session, giang, team, Role.SECRETARY, today=NOON.date(), by=None)
    call = asked(session, tmp_path)
    essay_of(hand_in(session, call, "khanh"))
    own = essay_of(hand_in(session, call, "huong"))
    found = essays.heap(session, actor(session, "giang"), call.campaign_id)
    assert [each.id for _person, each in found.handed] == [own.id]
    assert [each.id for each in found.missing] == [cast["giang"]]


def test_the_exempt_are_only_invited_and_count_nowhere(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    session.get_one(Person, cast["khanh"]).kind = Kind.EXEMPT
    session.get_one(Person, cast["dung"]).kind = Kind.CANDIDATE
    session.flush()
    call = asked(session, tmp_path)
    assert told(session, cast, essays.ASKED) == BRANCH - {"dung"}
    assert essays.waits_for(session, call.id, cast["khanh"]) == (call, True)
    with pytest.raises(NotFound):
        essays.own(session, actor(session, "dung"), call.id)
    hand_in(session, call, "khanh")
    hand_in(session, call, "huong")
    found = essays.heap(session, actor(session, "an"), call.campaign_id)
    assert (len(found.counted), found.expected, found.unseen) == (1, 5, 2)
    assert cast["khanh"] not in {each.id for each in found.missing}


# -- seen ----------------------------------------------------------------------------------------


def test_seen_tells_the_author_once_and_a_word_may_follow(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call, an = asked(session, tmp_path), actor(session, "an")
    essay = essay_of(hand_in(session, call, "huong"))
    for _press in range(2):
        essays.mark_seen(session, an, essay.id, None, quiet=QUIET, now=NOON)
    essays.mark_seen(session, an, essay.id, "Cảm ơn đồng chí", quiet=QUIET, now=NOON)
    essays.mark_seen(session, an, essay.id, "Lời khác", quiet=QUIET, now=NOON)
    row = session.get_one(Essay, essay.id)
    assert (row.word, row.seen_by) == ("Cảm ơn đồng chí", cast["an"])
    notices = session.exec(select(Notice).where(Notice.kind == essays.SEEN)).all()
    assert [(each.person_id, each.facts) for each in notices] == [(cast["huong"], {})] * 2


def test_a_handed_in_essay_is_asked_for_no_more(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call = asked(session, tmp_path)
    hand_in(session, call, "huong")
    assert told(session, cast, essays.ASKED) == BRANCH - {"huong"}
    assert essays.waits_for(session, call.id, cast["huong"]) is None


def test_an_essay_is_nowhere_but_in_its_row(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    call, an = asked(session, tmp_path), actor(session, "an")
    essay = essay_of(hand_in(session, call, "huong"))
    essays.mark_seen(session, an, essay.id, "Tốt", quiet=QUIET, now=NOON)
    for notice in session.exec(select(Notice)).all():
        assert ESSAY not in str(notice.facts) + notice.subject + notice.kind
    campaign = session.exec(select(Campaign)).one()
    assert campaign.unit_id == unit_id(session, BRANCH_1) != unit_id(session, PARTY)
