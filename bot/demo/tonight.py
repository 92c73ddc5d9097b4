"""What is ahead in the town: the meeting of this evening, with what people have said to it, and
the schedule by which Chi bộ 2 meets.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.demo import script
from bot.demo.evening import DEPUTY, ELDER, called, seats
from bot.demo.past import QUIET, Past
from bot.demo.script import HABITS
from storage import meetings, opinions, series
from storage import papers as documents
from storage.meetings import MeetingKind
from storage.papers import Sent

BRANCH = "Chi bộ 1"
COMING = ("Lê Quang Sơn", "Nguyễn Thị Hương", "Hoàng Văn Tài", "Bùi Xuân Khoa")
FROM_AFAR = "Lý Quốc Bảo"
ROOM = "https://hop.example/chi-bo-1"
ASKS, REFUSED = "Phan Văn Lộc", "Trịnh Thị Hạnh"


def write(past: Past, papers: Sequence[Sent]) -> None:
    """Tonight's meeting, and the months ahead of Chi bộ 2."""
    starts = past.now.replace(hour=19, minute=30)
    meeting, secretary = called(past, BRANCH, MeetingKind.REGULAR, starts, days=3)
    documents.add(past.session, secretary, meeting.id, papers, now=past.now - timedelta(days=2))
    meetings.allow_online(
        past.session, secretary, meeting.id, link=ROOM, now=past.now - timedelta(days=2)
    )
    _people_answer(past, meeting.id)
    _leave_is_asked(past, meeting.id)
    _opinions_come(past, meeting.id)
    _a_series_runs(past, "Chi bộ 2")


def _people_answer(past: Past, meeting_id: int) -> None:
    """Some will come, one from afar; and a deputy answers for an elder."""
    then = past.now - timedelta(days=1)
    for name in (*COMING, FROM_AFAR):
        meetings.come(
            past.session,
            past.named(name, then),
            meeting_id,
            revision=0,
            online=name == FROM_AFAR,
            now=then,
        )
    deputy, elder = past.named(DEPUTY, then), past.person(ELDER).id
    meetings.come(past.session, deputy, meeting_id, revision=0, elder=elder, now=then)


def _leave_is_asked(past: Past, meeting_id: int) -> None:
    """One request waits; another was refused, with a reason."""
    then = past.now - timedelta(days=1)
    for name, reason in ((ASKS, "business"), (REFUSED, "family")):
        actor = past.named(name, then)
        meetings.ask_leave(
            past.session, actor, meeting_id, reason, revision=0, quiet=QUIET, now=then
        )
    seat = next(seat for seat, each in seats(past, meeting_id) if each.full_name == REFUSED)
    meetings.decide(
        past.session,
        past.secretary(BRANCH, then),
        seat.id,
        seat.requests,
        approve=False,
        reason=script.REFUSED,
        now=then + timedelta(hours=1),
    )


def _opinions_come(past: Past, meeting_id: int) -> None:
    then = past.now - timedelta(hours=20)
    for number, (name, text) in enumerate(script.OPINIONS):
        actor = past.named(name, then)
        opinions.send(past.session, actor, meeting_id, text, token=f"demo-{number}", now=then)


def _a_series_runs(past: Past, branch: str) -> None:
    """From now on its meetings come by themselves, on the first Thursday of the month."""
    then, habit = past.now - timedelta(days=1), HABITS[branch]
    plan = series.Plan(
        past.unit(branch).id,
        MeetingKind.REGULAR,
        habit.pattern or series.Pattern(day=1),
        habit.clock,
        habit.place,
    )
    secretary, form = past.secretary(branch, then), f"demo-series-{branch}"
    series.start(past.session, secretary, plan, token=form, quiet=QUIET, now=then)
