"""The town's past, written through the same functions that the bot uses, at the time it happened.

Here are its people, questions and lessons; `sittings` has the meetings that were held, `tonight`
those that are ahead. At the end what was owed in the past counts as sent, for people's chats begin
today; only minutes that wait for somebody's word are sent to them when the town opens.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.demo import sittings, tonight
from bot.demo.past import OWNER, QUIET, ZONE, Past
from bot.demo.stage import ROSTER
from storage import campaigns, groups, inbox, joining, questions, roster, roster_import, schedule
from storage.campaigns import Campaign
from storage.inbox import TicketKind
from storage.minutes import Confirmation
from storage.outbox import Notice, State
from storage.papers import Sent
from storage.roster import Person

HERE = Path(__file__).parent
ASKED = (
    ("Đi công tác ba tháng thì đóng đảng phí ở đâu?", "Đồng chí đóng ở nơi đang sinh hoạt chính."),
    ("Buổi họp tới có ghép chuyên đề không?", "Có. Tài liệu gửi trước một ngày."),
    ("Xin giấy giới thiệu sinh hoạt nơi cư trú cần mang theo gì?", ""),
    ("Đề nghị dời giờ họp sớm hơn 30 phút được không?", ""),
)


def write(
    session: Session, chats: dict[str, int], papers: Sequence[Sent] = (), *, now: datetime
) -> None:
    """Writes everything up to now.

    `chats` are the ids of the groups by branch, `papers` the documents of tonight's meeting.
    """
    past = Past(session, now)
    _people(past)
    _answers(past)
    sittings.write(past)
    _campaign(past)
    tonight.write(past, papers)
    _tickets(past)
    for branch, chat_id in chats.items():
        groups.link(session, OWNER, chat_id, past.unit(branch).id, now=now)
    _let_bygones_be(session, now)


def _people(past: Past) -> None:
    """The roster is imported, and those with an account have agreed long ago."""
    then = past.now - timedelta(days=200)
    rows = roster_import.read_roster(ROSTER.read_bytes(), ROSTER.name)
    plan = roster_import.plan(past.session, OWNER, rows, today=then.date())
    plan.raise_any()
    roster_import.apply(past.session, plan, actor=OWNER, now=then, today=then.date())
    for resident in past.residents:
        if resident.started:
            person = past.person(resident.name)
            roster.reached(person)
            joining.agree(past.session, person, now=then)


def _answers(past: Past) -> None:
    """The base of questions."""
    file = HERE / "questions.csv"
    entries = questions.read(file.read_bytes(), file.name, today=past.now.date())
    questions.apply(past.session, OWNER, entries, now=past.now)


def _campaign(past: Past) -> None:
    """A study campaign under way, its first lesson behind most of them."""
    began = past.now - timedelta(days=10)
    days = {"starts": -10, "ends": 25, "due_1": -3, "due_2": 4, "due_3": 11, "due_4": 18}
    toml = (HERE / "campaign.toml").read_text("utf-8")
    for name, number in days.items():
        toml = toml.replace(f"{{{name}}}", f"{past.now.date() + timedelta(days=number)}")
    plan = campaigns.plan(past.session, campaigns.parse_campaign(toml.encode()), zone=ZONE)
    campaign = campaigns.apply(past.session, plan, actor=OWNER, zone=ZONE, now=began)
    if campaign is None:
        return
    for resident in past.residents:
        if resident.branch == "Chi bộ 1" and resident.started:
            _studies(past, past.person(resident.name), campaign, began)


def _studies(past: Past, person: Person, campaign: Campaign, began: datetime) -> None:
    diligence = past.dice.randrange(0, 3)
    moment = began + timedelta(hours=past.dice.randrange(20, 160))
    actor, session = past.actor(person, moment), past.session
    steps = campaigns.course_of(session, actor, campaign.id).steps[:diligence]
    for step in steps:
        campaigns.open_lesson(session, actor, step.lesson.id, now=moment)
        quiz = campaigns.play(session, actor, step.lesson.id, now=moment)
        while quiz.current is not None:
            question = quiz.current
            right = past.dice.random() < 0.8
            given = [(each + (not right)) % len(question.choices) for each in question.answer]
            quiz = campaigns.judge(session, actor, quiz.run.id, question.id, given, now=moment)


def _tickets(past: Past) -> None:
    """Questions to the committee: two answered, two that wait."""
    asking = [each for each in past.residents if each.started and "Tổ" in each.unit]
    secretary = past.secretary("Chi bộ 1", past.now)
    for number, (text, answer) in enumerate(ASKED):
        asked = past.now - timedelta(days=6 - number, hours=number)
        ticket = inbox.send(
            past.session,
            past.named(asking[number].name, asked),
            TicketKind.QUESTION if number < 3 else TicketKind.SUGGESTION,
            text,
            anonymous=False,
            form=f"demo-{number}",
            now=asked,
            zone=ZONE,
            quiet_hours=QUIET.line,
        )
        if answer:
            inbox.answer(past.session, secretary, ticket.id, answer, now=asked + timedelta(hours=5))


def _let_bygones_be(session: Session, now: datetime) -> None:
    """What the past owed has been sent, and what was to happen then has happened.

    Menus are Telegram's, which knows of none yet; and a word that is waited for can only be given
    by who finds the question in their chat.
    """
    while schedule.claim_due(session, now=now):
        pass
    waiting = session.exec(select(Confirmation).where(col(Confirmation.confirmed_at).is_(None)))
    session.execute(
        update(Notice)
        .where(col(Notice.state) == State.QUEUED, col(Notice.due_at) < now)
        .where(col(Notice.kind) != "menu")
        .where(col(Notice.subject).not_in([each.subject for each in waiting]))
        .values(state=State.SENT, settled_at=now)
    )
