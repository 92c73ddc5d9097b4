"""Quorum in words: whether enough have come, how many votes decide, and why. Private."""

from __future__ import annotations

from sqlmodel import Session

from handlers import doors
from handlers.kit import Button, House, Say, Talk, button
from handlers.meetings.showing import MANAGE, meeting_label
from handlers.rules import why
from handlers.text import Text, Words, _, n_
from storage import attendance, quorum
from storage.meetings import Meeting, MeetingState
from storage.quorum import Coming, Votes


def line(session: Session, meeting: Meeting, house: House) -> Text:
    """What a meeting's screen says of it: "Đủ số người: 171/200 (85,5%), cần 134."."""
    return come_line(quorum.coming(session, house.profile, meeting))


def come_line(found: Coming) -> Text:
    """Whether enough have come."""
    values = {"present": found.present, "convened": found.convened, "percent": found.percent}
    if found.needed is None:
        return _("Present {present}/{convened} ({percent}%): no minimum is set.", **values)
    values["needed"] = found.needed
    if found.reached:
        return _("Enough are here: {present}/{convened} ({percent}%), needed {needed}.", **values)
    return _("Not enough yet: {present}/{convened} ({percent}%), needed {needed}.", **values)


def votes_line(found: Votes) -> Text:
    """How many votes make a decision."""
    if not found.entitled:
        return _("Nobody who has a vote is in the room yet.")
    values = {"needed": found.needed, "entitled": found.entitled}
    if found.rule.value == 50:
        return _("Decision: more than half of those entitled, {needed} of {entitled}.", **values)
    return _(
        "Decision: more than {percent}% of those entitled, {needed} of {entitled}.",
        percent=found.rule.value or 0,
        **values,
    )


@button("quorum", power="attendance.take")
def show(talk: Talk, meeting_id: int) -> Say:
    """[Quorum]: both figures as the roll is now."""
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    profile = talk.house.profile
    return Say(
        _("<b>QUORUM</b> · {meeting}", meeting=meeting_label(meeting)),
        come_line(quorum.coming(talk.session, profile, meeting)),
        votes_line(quorum.votes(talk.session, profile, meeting)),
        buttons=[
            [
                Button(_("Why? (present)"), "quorum_why", meeting_id, "present"),
                Button(_("Why? (votes)"), "quorum_why", meeting_id, "votes"),
            ],
            [Button(_("Refresh"), "quorum", meeting_id)],
            [_back(meeting), MANAGE],
        ],
    )


@button("quorum_why", power="attendance.take")
def reasons(talk: Talk, meeting_id: int, what: str) -> Say:
    """[Why?]: the numbers and the rule."""
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    told = _why_votes(talk, meeting) if what == "votes" else _why_present(talk, meeting)
    return Say(*told, buttons=[[Button(_("‹ Back"), "quorum", meeting_id), MANAGE]])


def _why_present(talk: Talk, meeting: Meeting) -> list[Words]:
    found = quorum.coming(talk.session, talk.house.profile, meeting)
    count = attendance.totals(talk.session, meeting).all
    return why(
        found.rule,
        come_line(found),
        _(
            "Convened {convened}: present {present}, excused {excused}, others {missing}.",
            convened=count.convened,
            present=count.present,
            excused=count.excused,
            missing=count.missing,
        ),
        n_(
            "Left out: {n} exempt member who has not come.",
            "Left out: {n} exempt members who have not come.",
            n=count.exempt,
        )
        if count.exempt
        else None,
    )


def _why_votes(talk: Talk, meeting: Meeting) -> list[Words]:
    found = quorum.votes(talk.session, talk.house.profile, meeting)
    return why(
        found.rule,
        votes_line(found),
        _(
            "In the room {here}: with a vote {entitled}, without {without}.",
            here=found.entitled + found.without,
            entitled=found.entitled,
            without=found.without,
        ),
        n_("{n} has left before the end.", "{n} have left before the end.", n=found.left)
        if found.left
        else None,
        _("Left out: the absent, and the exempt who have not come."),
    )


def _back(meeting: Meeting) -> Button:
    """The hub from which one came: the roll is open, or closed."""
    place = doors.AFTER if meeting.state == MeetingState.CLOSED else doors.DURING
    return Button(_("‹ Back"), "hub", meeting.id, place)


doors.hang(doors.DURING, "quorum", _("Quorum"), ruled=line)
doors.hang(doors.AFTER, "quorum", _("Quorum"), ruled=line)
