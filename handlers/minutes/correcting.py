"""After the minutes are final: corrections that stand beside them, for all to see."""

from __future__ import annotations

from typing import Any

from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.meetings.showing import day_of
from handlers.minutes.screens import screen
from handlers.text import Text, _, cut
from storage import attendance, minutes
from storage.meetings import Meeting

FORM = "minutes_mend"
LISTED, LETTERS = 3, 150


@button("minutes_mend", power="attendance.take")
def ask(talk: Talk, meeting_id: int) -> Say:
    """[Add correction]: what there is already, and asks for the text."""
    talk.close(FORM)
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    if meeting.locked_at is None:
        return screen(talk, meeting)
    return Ask(
        FORM,
        _("Please type the correction of the minutes of meeting {day}.", day=day_of(meeting)),
        _("The minutes stay as they are; the correction stands at their end with your name."),
        *_listed(talk, meeting),
        data={"meeting": meeting_id},
        buttons=[[Button(_("‹ Back"), "minutes", meeting_id)]],
    )


def _listed(talk: Talk, meeting: Meeting) -> list[Text]:
    made = minutes.corrections(talk.session, meeting.id)[-LISTED:]
    return [
        _(
            "{number}. {text} – {name}",
            number=each.number,
            text=cut(each.text, LETTERS),
            name=each.by,
        )
        for each in made
    ]


@answer(FORM, power="attendance.take", about=_("a correction of the minutes"))
def typed(talk: Talk) -> Say:
    """The text, shown back before it is kept."""
    data: dict[str, Any] = talk.draft.data if talk.draft else {}
    meeting_id = int(data["meeting"])
    attendance.for_committee(talk.session, talk.actor, meeting_id)
    text = minutes.check_text(talk.text)
    return Ask(
        FORM,
        _("<b>Correction</b>"),
        text,
        _("It cannot be taken back."),
        data={"meeting": meeting_id, "text": text},
        buttons=[
            [
                Button(_("Keep correction"), "minutes_mend_yes", meeting_id),
                Button(_("Edit"), "minutes_mend", meeting_id),
            ],
            [Button(_("‹ Back"), "minutes", meeting_id)],
        ],
    )


@button("minutes_mend_yes", power="attendance.take")
def keep(talk: Talk, meeting_id: int) -> Say:
    """[Keep correction]: what was shown back; pressed late or twice, the minutes as they are."""
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    data: dict[str, Any] = talk.draft.data if talk.draft and talk.draft.form == FORM else {}
    if data.get("meeting") != meeting_id or "text" not in data:
        return screen(talk, meeting)
    minutes.correct(talk.session, talk.actor, meeting_id, str(data["text"]), now=talk.now)
    talk.close()
    return screen(talk, meeting, toast=_("The correction is kept."))
