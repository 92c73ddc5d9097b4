"""The chair and the minute-taker: they are asked in private, read, and confirm or object."""

from __future__ import annotations

from typing import Any

from handlers.kit import Ask, Button, Note, Say, Talk, answer, button, notice
from handlers.meetings.showing import HOME, day_of, meeting_label
from handlers.minutes.screens import SHOWN
from handlers.text import Moment, Text, Words, _, cut
from storage import attendance, minutes
from storage.meetings import Meeting
from storage.minutes import Confirmation
from storage.outbox import Class

FORM = "minutes_object"


@notice(minutes.CONFIRM, power="minutes.sign", klass=Class.ONCE, about=_("Minutes to be confirmed"))
def asked(note: Note) -> Say | None:
    """To the chair and the minute-taker: please read and confirm."""
    found = minutes.told(note.session, note.subject_id)
    if found is None or found[0].confirmed_at is not None:
        return None
    asked, meeting, _person = found
    if meeting.locked_at is not None or not note.may("minutes.sign", meeting.unit_id):
        return None
    if asked.person_id not in (meeting.chair_id, meeting.minute_taker_id):
        return None
    count = attendance.totals(note.session, meeting).all
    return Say(
        _("Please read and confirm the minutes of meeting {day}.", day=day_of(meeting)),
        _figures(count),
        _("Conclusion: {text}", text=cut(meeting.conclusion, SHOWN))
        if meeting.conclusion
        else None,
        buttons=_buttons(asked, meeting),
    )


def _figures(count: attendance.Count) -> Text:
    return _(
        "Convened {convened} · present {present} · excused {excused} · without reason {absent}",
        convened=count.convened,
        present=count.present,
        excused=count.excused,
        absent=count.absent,
    )


def _buttons(asked: Confirmation, meeting: Meeting) -> list[list[Button | None]]:
    return [
        [Button(_("Download Word"), "minutes_word", meeting.id)],
        [
            Button(_("Confirm"), "minutes_yes", asked.id),
            Button(_("To be mended"), "minutes_no", asked.id),
        ],
        [HOME],
    ]


@button("minutes_yes", power="minutes.sign")
def confirm(talk: Talk, asked_id: int) -> Say:
    """[Confirm]; pressed twice, the same."""
    talk.close(FORM)
    meeting = minutes.confirm(
        talk.session, talk.actor, asked_id, profile=talk.house.profile, now=talk.now
    )
    return _outcome(talk, asked_id, meeting)


@button("minutes_see", power="minutes.sign")
def see(talk: Talk, asked_id: int) -> Say:
    """Where it stands, and what can be done."""
    talk.close(FORM)
    _asked, meeting = minutes.for_signer(talk.session, talk.actor, asked_id)
    return _outcome(talk, asked_id, meeting)


def _outcome(talk: Talk, asked_id: int, meeting: Meeting) -> Say:
    asked, meeting = minutes.for_signer(talk.session, talk.actor, asked_id)
    if meeting.locked_at is not None:
        state: Words = _("The minutes are final.")
    elif asked.confirmed_at is not None:
        state = _("You have confirmed the minutes, {at}.", at=Moment(asked.confirmed_at))
    elif asked.objected_at is not None:
        state = _('Sent to the secretary: "{text}"', text=cut(asked.objection or "", SHOWN))
    else:
        state = _("Please read the minutes, then confirm them.")
    open_ = meeting.locked_at is None and asked.confirmed_at is None
    word = [Button(_("Download Word"), "minutes_word", meeting.id), HOME]
    return Say(
        meeting_label(meeting),
        state,
        buttons=_buttons(asked, meeting) if open_ else [word],
        toast=state,
    )


# -- what is to be mended ------------------------------------------------------------------------


@button("minutes_no", power="minutes.sign")
def ask_what(talk: Talk, asked_id: int) -> Say:
    """[To be mended]: asks for a word."""
    asked, meeting = minutes.for_signer(talk.session, talk.actor, asked_id)
    if meeting.locked_at is not None:
        return _outcome(talk, asked_id, meeting)
    return Ask(
        FORM,
        _(
            "Please type what has to be mended in the minutes of meeting {day}.",
            day=day_of(meeting),
        ),
        data={"asked": asked.id},
        buttons=[[Button(_("‹ Back"), "minutes_see", asked.id)]],
    )


@answer(FORM, power="minutes.sign", about=_("what is to be mended in the minutes"))
def typed(talk: Talk) -> Say:
    """The word, shown back before it is sent."""
    data: dict[str, Any] = talk.draft.data if talk.draft else {}
    asked, _meeting = minutes.for_signer(talk.session, talk.actor, int(data["asked"]))
    text = minutes.check_text(talk.text)
    return Ask(
        FORM,
        _("<b>To be mended</b>"),
        text,
        data={"asked": asked.id, "text": text},
        buttons=[
            [
                Button(_("Send it"), "minutes_object", asked.id),
                Button(_("Edit"), "minutes_no", asked.id),
            ],
            [Button(_("‹ Back"), "minutes_see", asked.id)],
        ],
    )


@button("minutes_object", power="minutes.sign")
def object_to(talk: Talk, asked_id: int) -> Say:
    """[Send]: what was shown back; pressed late, where it stands."""
    data: dict[str, Any] = talk.draft.data if talk.draft and talk.draft.form == FORM else {}
    if data.get("asked") == asked_id and "text" in data:
        minutes.object_to(talk.session, talk.actor, asked_id, str(data["text"]), now=talk.now)
        talk.close()
    _asked, meeting = minutes.for_signer(talk.session, talk.actor, asked_id)
    return _outcome(talk, asked_id, meeting)


# -- back to who asked ---------------------------------------------------------------------------


@notice(
    minutes.OBJECTION, power="attendance.take", klass=Class.ONCE, about=_("Minutes to be mended")
)
def objected(note: Note) -> Say | None:
    """To who asked: what has to be mended."""
    found = minutes.told(note.session, note.subject_id)
    if found is None or found[0].objected_at is None:
        return None
    asked, meeting, person = found
    if not note.may("attendance.take", meeting.unit_id):
        return None
    return Say(
        _(
            "{name} asks to mend the minutes of meeting {day}:",
            name=person.full_name,
            day=day_of(meeting),
        ),
        asked.objection or "",
        buttons=_to_minutes(meeting),
    )


@notice(minutes.CONFIRMED, power="attendance.take", klass=Class.ONCE, about=_("Minutes confirmed"))
def confirmed(note: Note) -> Say | None:
    """To who asked: both have confirmed."""
    found = minutes.told(note.session, note.subject_id)
    if found is None or not note.may("attendance.take", found[1].unit_id):
        return None
    meeting = found[1]
    return Say(
        _(
            "Chair and minute-taker have confirmed the minutes of meeting {day}.",
            day=day_of(meeting),
        ),
        _("The minutes are final.")
        if meeting.locked_at
        else _("Requests about the roll still wait: decide on them, then finalise."),
        buttons=_to_minutes(meeting),
    )


def _to_minutes(meeting: Meeting) -> list[list[Button | None]]:
    return [[Button(_("Minutes"), "minutes", meeting.id), HOME]]
