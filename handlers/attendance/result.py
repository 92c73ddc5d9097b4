"""What came of a meeting: figures, corrections, the conclusion, the file, the final minutes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from handlers import doors
from handlers.attendance.saying import absences, unpunctual
from handlers.kit import Ask, Button, File, Note, Say, Talk, answer, button, notice
from handlers.meetings import hubs
from handlers.meetings.showing import MANAGE, convened, day_of, local
from handlers.text import Words, _, cut, n_
from storage import attendance, minutes
from storage.meetings import Meeting, MeetingState
from storage.outbox import Class
from storage.powers import may
from storage.roster import unit_lineage

FORM = "conclusion"
SHOWN = 300  # letters of a conclusion on the screen


@button("roll_result", power="meeting.result")
def result(talk: Talk, meeting_id: int) -> Say:
    """The result, also for the committee above."""
    talk.close(FORM)
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id, power="meeting.result")
    return screen(talk, meeting)


def screen(talk: Talk, meeting: Meeting, *, toast: Words | None = None) -> Say:
    """The figures and, for the unit's own committee, what is still to be done."""
    if meeting.state != MeetingState.CLOSED:
        words = _("Check-in of this meeting is not closed yet.")
        return Say(words, buttons=[[MANAGE]], toast=toast)
    own = may(talk.actor, "attendance.take", unit_lineage(talk.session, meeting.unit_id))
    late = len(attendance.waiting(talk.session, meeting.id)) if own else 0
    count = attendance.totals(talk.session, meeting).all
    return Say(
        *lines(count, meeting),
        n_("{n} late request waits.", "{n} late requests wait.", n=late) if late else None,
        buttons=_buttons(talk.session, meeting, count, talk.now, own=own),
        toast=toast,
    )


def lines(count: attendance.Count, meeting: Meeting) -> list[Words | None]:
    """The figures of a closed roll."""
    text = meeting.conclusion
    return [
        _("<b>RESULT OF MEETING {day}</b> – final", day=day_of(meeting))
        if meeting.locked_at
        else _("<b>RESULT OF MEETING {day}</b> – draft", day=day_of(meeting)),
        _(
            "{convened} · Present {present} ({percent}%)",
            convened=convened(count.convened, count.exempt),
            present=count.present,
            percent=count.percent,
        ),
        absences(count),
        unpunctual(count),
        _("Conclusion: {text}", text=cut(text, SHOWN)) if text else None,
    ]


def to_decide(count: attendance.Count) -> Button | None:
    """The way to the requests for leave that nobody has decided about."""
    label = n_("{n} request", "{n} requests", n=count.pending)
    return Button(label, "absences") if count.pending else None


def _buttons(
    session: Session, meeting: Meeting, count: attendance.Count, now: datetime, *, own: bool
) -> list[list[Button | None]]:
    changes = own and meeting.locked_at is None
    again = own and attendance.reopenable(meeting, now)
    final = changes and now >= meeting.starts_at
    after = hubs.way(doors.AFTER, session, meeting, now=now) if own else None
    return [
        [to_decide(count) if changes else None],
        [
            Button(_("Correct the roll"), "roll_for", meeting.id, 0) if changes else None,
            Button(_("Conclusion…"), "conclusion", meeting.id) if changes else None,
        ],
        [
            Button(_("Download Word"), "minutes_word", meeting.id) if own else None,
            Button(_("Download Excel"), "roll_excel", meeting.id),
        ],
        [Button(_("Reopen check-in"), "roll_reopen", meeting.id) if again else None, after],
        [Button(_("Finalise minutes"), "roll_lock", meeting.id) if final else None, MANAGE],
    ]


@notice(
    attendance.RESULT, power="attendance.take", klass=Class.ONCE, about=_("Result of a meeting")
)
def closed_by_itself(note: Note) -> Say | None:
    """To who opened check-in: it has closed by itself, here is the result."""
    meeting = note.session.get(Meeting, note.subject_id)
    if meeting is None or meeting.state != MeetingState.CLOSED:
        return None
    if not note.may("attendance.take", meeting.unit_id):
        return None
    count = attendance.totals(note.session, meeting).all
    return Say(
        *lines(count, meeting), buttons=_buttons(note.session, meeting, count, note.now, own=True)
    )


@button("roll_excel", power="meeting.result")
def excel(talk: Talk, meeting_id: int) -> Say:
    """[Download Excel]."""
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id, power="meeting.result")
    name = f"diem-danh-{local(meeting):%Y-%m-%d}.xlsx"
    return Say(toast=_("The file is being made."), files=[File("roll_excel", [meeting_id], name)])


# -- the conclusion ----------------------------------------------------------------------------


@button("conclusion", power="attendance.take")
def ask_conclusion(talk: Talk, meeting_id: int) -> Say:
    """[Conclusion…]: asks for the text."""
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    attendance.check_changeable(meeting)
    return Ask(
        FORM,
        _("Please type the conclusion of meeting {day}.", day=day_of(meeting)),
        _("Now: {text}", text=cut(meeting.conclusion, SHOWN)) if meeting.conclusion else None,
        data={"meeting": meeting_id},
        buttons=[[Button(_("‹ Back"), "roll_result", meeting_id)]],
    )


@answer(FORM, power="attendance.take", about=_("a conclusion"))
def conclusion_typed(talk: Talk) -> Say:
    """The text, shown back before it is kept."""
    data: dict[str, Any] = talk.draft.data if talk.draft else {}
    meeting_id, text = int(data["meeting"]), attendance.check_conclusion(talk.text)
    return Ask(
        FORM,
        _("<b>Conclusion</b>"),
        text,
        data={"meeting": meeting_id, "text": text},
        buttons=[
            [
                Button(_("Keep conclusion"), "conclusion_keep", meeting_id),
                Button(_("Edit"), "conclusion", meeting_id),
            ],
            [Button(_("‹ Back"), "roll_result", meeting_id)],
        ],
    )


@button("conclusion_keep", power="attendance.take")
def keep_conclusion(talk: Talk, meeting_id: int) -> Say:
    """[Keep conclusion]: the text that was shown back; pressed late, the result as it is."""
    data: dict[str, Any] = talk.draft.data if talk.draft and talk.draft.form == FORM else {}
    if data.get("meeting") != meeting_id or "text" not in data:
        return result(talk, meeting_id)
    meeting = attendance.conclude(
        talk.session, talk.actor, meeting_id, str(data["text"]), now=talk.now
    )
    talk.close()
    return screen(talk, meeting, toast=_("The conclusion is kept."))


# -- final ---------------------------------------------------------------------------------------


@button("roll_lock", power="attendance.take")
def ask_lock(talk: Talk, meeting_id: int) -> Say:
    """[Finalise minutes]: says what can no longer be done, and asks again."""
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    if meeting.locked_at is not None:
        return screen(talk, meeting)
    attendance.check_changeable(meeting)
    stands = minutes.standing(talk.session, meeting, profile=talk.house.profile, now=talk.now)
    if not stands.finalisable:
        return Say(
            _("The chair and the minute-taker confirm the minutes before that."),
            buttons=[
                [Button(_("Minutes"), "minutes", meeting_id)],
                [Button(_("‹ Back"), "roll_result", meeting_id)],
            ],
        )
    late = len(attendance.waiting(talk.session, meeting_id))
    undecided = attendance.totals(talk.session, meeting).all.pending
    return Say(
        _("Finalise the minutes of meeting {day}?", day=day_of(meeting)),
        _("Neither the roll nor the conclusion can be changed after that."),
        None if stands.complete else _("Chair and minute-taker sign on paper: not both confirmed."),
        n_(
            "{n} late request is turned down by that.",
            "{n} late requests are turned down by that.",
            n=late,
        )
        if late
        else None,
        n_(
            "{n} undecided request for leave is refused by that.",
            "{n} undecided requests for leave are refused by that.",
            n=undecided,
        )
        if undecided
        else None,
        buttons=[
            [Button(_("Yes, finalise"), "roll_lock_yes", meeting_id)],
            [Button(_("‹ Back"), "roll_result", meeting_id)],
        ],
    )


@button("roll_lock_yes", power="attendance.take")
def lock(talk: Talk, meeting_id: int) -> Say:
    """[Yes, finalise]; pressed twice, the same."""
    meeting = minutes.finalise(
        talk.session, talk.actor, meeting_id, profile=talk.house.profile, now=talk.now
    )
    return screen(talk, meeting, toast=_("The minutes are final."))
