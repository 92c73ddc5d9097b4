"""Those who were present say what they think of a score; the committee above confirms it."""

from __future__ import annotations

from handlers.kit import Ask, Button, Note, Say, Talk, answer, button, notice
from handlers.meetings.showing import HOME
from handlers.quality.saying import lines
from handlers.text import Words, _, cut
from storage import meetings, quality
from storage.errors import NotFound
from storage.outbox import Class
from storage.quality import Scored, SheetState

FORM = "score_comment"
SHOWN = 600


# -- who was present ---------------------------------------------------------------------------


@notice(quality.ASKED, power="score.answer", klass=Class.ONCE, about=_("Question about a score"))
def asked(note: Note) -> Say | None:
    """To everybody who was present: the proposal of this round."""
    try:
        meeting = quality.own(note.session, note.actor, note.subject_id)
    except NotFound:
        return None
    found = quality.scored(note.session, note.house.profile, meeting)
    if found.state is not SheetState.ASKED or found.round != note.notice.revision:
        return None
    return Say(
        *lines(found),
        _("The committee proposes this score. Do you agree?"),
        _("Only how many agree is told; a comment goes to the committee with your name."),
        buttons=_buttons(found),
    )


def _buttons(found: Scored) -> list[list[Button | None]]:
    seen = (found.meeting.id, found.round)
    return [
        [
            Button(_("Agree"), "score_say", *seen, "yes"),
            Button(_("Comment"), "score_say", *seen, "no"),
        ],
        [HOME],
    ]


@button("score_mine", power="score.answer")
def mine(talk: Talk, meeting_id: int) -> Say:
    """[‹ Back]: the proposal as it stands, and what one has said of it."""
    talk.close(FORM)
    return _mine(talk, meeting_id)


def _mine(talk: Talk, meeting_id: int, *first: Words, toast: Words | None = None) -> Say:
    meeting = quality.own(talk.session, talk.actor, meeting_id)
    found = quality.scored(talk.session, talk.house.profile, meeting)
    if found.state is SheetState.PROPOSED:  # not theirs to see while it is being changed
        words = _("The committee is working on this score.")
        return Say(*first, words, buttons=[[HOME]], toast=toast)
    said = quality.opinion_of(talk.session, meeting, talk.actor.person_id)
    own: Words | None = None
    if said is not None:
        comment = said.comment
        own = _("You agree.") if comment is None else _("Your comment: {text}", text=_cut(comment))
    rows = _buttons(found) if found.state is SheetState.ASKED else [[HOME]]
    return Say(*first, *lines(found), own, buttons=rows, toast=toast)


def _cut(text: str) -> str:
    return cut(text, SHOWN)


@button("score_say", power="score.answer")
def say(talk: Talk, meeting_id: int, number: int, said: str) -> Say:
    """[Agree], or [Comment] to type it."""
    talk.close(FORM)
    if said == "yes":
        return _given(talk, meeting_id, number, None)
    meeting = quality.own(talk.session, talk.actor, meeting_id)
    found = quality.scored(talk.session, talk.house.profile, meeting)
    if found.state is not SheetState.ASKED or found.round != number:
        return _mine(talk, meeting_id, toast=_("This score was changed or decided meanwhile."))
    return Ask(
        FORM,
        _("Please type the comment. The committee reads it with your name."),
        data={"meeting": meeting_id, "round": number},
        buttons=[[Button(_("‹ Back"), "score_mine", meeting_id)]],
    )


@answer(FORM, power="score.answer", about=_("a comment on a score"))
def typed(talk: Talk) -> Say:
    """The comment, shown back before it is sent."""
    data = talk.draft.data if talk.draft else {}
    meeting_id, round_ = int(data.get("meeting", 0)), int(data.get("round", 0))
    quality.own(talk.session, talk.actor, meeting_id)
    text = quality.check_comment(talk.text)
    return Ask(
        FORM,
        _("Your comment: {text}", text=text),
        data={"meeting": meeting_id, "round": round_, "text": text},
        buttons=[
            [
                Button(_("Send comment"), "score_send", meeting_id, round_),
                Button(_("Edit"), "score_say", meeting_id, round_, "no"),
            ],
            [Button(_("‹ Back"), "score_mine", meeting_id)],
        ],
    )


@button("score_send", power="score.answer")
def send(talk: Talk, meeting_id: int, number: int) -> Say:
    """[Send comment]: exactly the text that stands above it."""
    draft = talk.draft
    fits = draft is not None and draft.form == FORM and draft.data.get("meeting") == meeting_id
    if draft is None or not fits or "text" not in draft.data:
        return _mine(talk, meeting_id)
    text = str(draft.data["text"])
    talk.close()
    return _given(talk, meeting_id, number, text)


def _given(talk: Talk, meeting_id: int, number: int, comment: str | None) -> Say:
    noted = quality.answer(
        talk.session,
        talk.actor,
        meeting_id,
        number,
        comment,
        now=talk.now,
    )
    if noted:
        thanks = _("Noted: you agree.") if comment is None else _("Sent to the committee.")
        return _mine(talk, meeting_id, toast=thanks)
    late = _("This score was changed or decided meanwhile.")
    return _mine(talk, meeting_id, late, toast=late)


# -- the committee above -----------------------------------------------------------------------


@notice(quality.TO_CONFIRM, power="score.confirm", klass=Class.ONCE, about=_("A score to confirm"))
def to_confirm(note: Note) -> Say | None:
    """To the committee above: a branch has agreed on its score."""
    try:
        meeting = quality.above(note.session, note.actor, note.subject_id)
    except NotFound:
        return None
    found = quality.scored(note.session, note.house.profile, meeting)
    if found.state is not SheetState.AGREED or found.round != note.notice.revision:
        return None
    unit = meetings.unit_name(note.session, meeting)
    return Say(*_above(found, unit), buttons=_confirms(found))


def _above(found: Scored, unit: str) -> list[Words]:
    return [_("<b>{unit}</b>", unit=unit), *lines(found)]


def _confirms(found: Scored) -> list[list[Button | None]]:
    waits = found.state is SheetState.AGREED
    confirm = Button(_("Confirm from above"), "score_confirm", found.meeting.id, found.round)
    return [[confirm if waits else None], [HOME]]


@button("score_above", power="score.confirm")
def above(talk: Talk, meeting_id: int) -> Say:
    """The sheet of a unit below, as it stands."""
    meeting = quality.above(talk.session, talk.actor, meeting_id)
    found = quality.scored(talk.session, talk.house.profile, meeting)
    return Say(*_above(found, meetings.unit_name(talk.session, meeting)), buttons=_confirms(found))


@button("score_confirm", power="score.confirm")
def confirm(talk: Talk, meeting_id: int, number: int) -> Say:
    """[Confirm from above]: final; pressed twice, the same."""
    quality.confirm(talk.session, talk.actor, talk.house.profile, meeting_id, number, now=talk.now)
    said = above(talk, meeting_id)
    said.toast = _("The score is confirmed.")
    return said
