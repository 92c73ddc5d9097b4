"""Putting a question: typed, shown back with its answers and its time, and then sent."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.meetings.showing import meeting_label
from handlers.polls import desk
from handlers.polls.saying import HEAD, options
from handlers.text import Words, _
from storage import polls
from storage.errors import Refusal
from storage.meetings import Meeting

FORM = "poll"


@dataclass(slots=True)
class Form:
    """The question so far, as the draft keeps it."""

    meeting: int
    token: str
    question: str | None = None
    options: list[str] = field(default_factory=list)  # none: the usual ones
    minutes: int = 10
    live: bool = False
    again: str | None = None  # what is typed anew

    def ask(self, *lines: Words | None, buttons: Sequence[Sequence[Button | None]]) -> Ask:
        """A screen of this form, which takes typed text as well."""
        return Ask(FORM, *lines, data=asdict(self), buttons=buttons)


def _open(talk: Talk, token: str) -> Form:
    draft = talk.draft
    if draft is None or draft.form != FORM or draft.data.get("token") != token:
        raise Refusal("This question was sent or dropped already.")
    return Form(**draft.data)


@button("poll_new", power="poll.hold")
def begin(talk: Talk, meeting_id: int) -> Say:
    """[New question]."""
    return _ask(talk, Form(meeting_id, secrets.token_hex(6)))


@answer(FORM, power="poll.hold", about=_("a question to those who meet"))
def typed(talk: Talk) -> Say:
    """The question, with its answers below it or after it; or the answers alone."""
    form = Form(**(talk.draft.data if talk.draft else {}))
    if form.again == "options":
        form.options = polls.check_options(_parts(talk.text))
    else:
        question, answers = _split(talk.text)
        form.question = polls.check_question(question)
        form.options = polls.check_options(answers) or form.options
    form.again = None
    return _ask(talk, form)


def _split(text: str) -> tuple[str, list[str]]:
    """ "Sửa đường? Đồng ý / Không" is a question and two answers; so is one on several lines."""
    first, _line, rest = text.strip().partition("\n")
    if rest.strip():
        return first, rest.splitlines()
    question, mark, answers = first.partition("?")
    if mark and re.search(r"[/;]", answers):
        return question + mark, _parts(answers)
    return first, []


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[\n/;]", text) if part.strip()]


def _ask(talk: Talk, form: Form) -> Ask:
    meeting, _polls = polls.of_meeting(talk.session, talk.actor, form.meeting)
    if form.again == "options":
        return form.ask(
            HEAD,
            form.question,
            _("Type 2 to 6 short answers, such as: This week / Next week / Later"),
            buttons=[[_way_out(), Button(_("‹ Back"), "poll_again", form.token, "-")]],
        )
    if form.question is None or form.again == "question":
        return form.ask(
            HEAD,
            meeting_label(meeting),
            _("What do you want to ask? Type it, such as: Clean up on Sunday?"),
            buttons=[[_way_out()]],
        )
    return _show_back(form, meeting)


def _show_back(form: Form, meeting: Meeting) -> Ask:
    answers: Words = ""
    for each in options(form.options):
        answers = each if answers == "" else _("{one} · {other}", one=answers, other=each)
    where = meeting_label(meeting)
    seen = _("All see the totals at once.") if form.live else _("Totals are shown at the end.")
    live = Button(_("Totals: at once"), "poll_live", form.token)
    late = Button(_("Totals: at the end"), "poll_live", form.token)
    return form.ask(
        HEAD,
        form.question,
        _("Answers: {answers}", answers=answers),
        _("Open for {n} minutes, to those at {meeting}.", n=form.minutes, meeting=where),
        seen,
        buttons=[
            [
                Button(_("Send question"), "poll_send", form.token),
                Button(_("Edit question"), "poll_again", form.token, "question"),
            ],
            [
                Button(_("Other answers"), "poll_again", form.token, "options"),
                Button(_("{n} minutes", n=form.minutes), "poll_time", form.token),
            ],
            [late if form.live else live, _way_out()],
        ],
    )


@button("poll_again", power="poll.hold")
def again(talk: Talk, token: str, what: str) -> Say:
    """[Edit question], [Other answers]."""
    form = _open(talk, token)
    form.again = what if what in ("question", "options") else None
    return _ask(talk, form)


@button("poll_time", power="poll.hold")
def time(talk: Talk, token: str) -> Say:
    """[10 minutes]: the next choice."""
    form = _open(talk, token)
    place = polls.MINUTES.index(form.minutes) if form.minutes in polls.MINUTES else 0
    form.minutes = polls.MINUTES[(place + 1) % len(polls.MINUTES)]
    return _ask(talk, form)


@button("poll_live", power="poll.hold")
def live(talk: Talk, token: str) -> Say:
    """[Totals: at once], [Totals: at the end]."""
    form = _open(talk, token)
    form.live = not form.live
    return _ask(talk, form)


@button("poll_send", power="poll.hold")
def send(talk: Talk, token: str) -> Say:
    """[Send question]; pressed twice, it is sent once."""
    sent = polls.of_form(talk.session, talk.actor, token)
    if sent is not None:
        return desk.one(talk, sent.id)
    form = _open(talk, token)
    if form.question is None:
        return _ask(talk, form)
    poll = polls.hold(
        talk.session,
        talk.actor,
        form.meeting,
        form.question,
        form.options,
        minutes=form.minutes,
        live=form.live,
        token=token,
        quiet=talk.house.quiet,
        now=talk.now,
    )
    talk.close()
    said = desk.one(talk, poll.id)
    said.toast = _("The question is sent.")
    return said


def _way_out() -> Button:
    return Button(_("Cancel"), "cancel", FORM)
