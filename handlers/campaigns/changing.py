"""The committee changes a campaign on its way: each change is shown back before it is written."""

from __future__ import annotations

from datetime import date

from handlers.campaigns.showing import MANAGE, shortened, span
from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.meetings.showing import local, meeting_label
from handlers.paging import Page
from handlers.tasks.reading import read_day
from handlers.text import Day, Text, Words, _, cut, n_
from storage import campaigns
from storage.campaigns import Campaign, Lesson
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting

FORM = "campaign_day"
MEETINGS = 5  # offered for a lesson
TITLE = 50  # letters of a lesson's title in a line
STATES = {
    "ahead": _("It has not begun yet."),
    "runs": _("It is under way."),
    "paused": _("It is paused: nothing is sent, the lessons stay readable."),
    "over": _("It is over."),
}
QUESTIONS = {
    "pause": _("Pause it? Nothing is sent until it goes on; the lessons stay readable."),
    "go_on": _("Go on with it? Reminders come again, from the next one on."),
    "end": _("End it today? Nothing more is sent but the last total. This cannot be undone."),
}
LABELS = {"pause": _("Pause campaign"), "go_on": _("Resume campaign"), "end": _("End it early")}
DAYS = {
    "starts": _("first day"),
    "ends": _("last day"),
    "opens": _("day of opening"),
    "due": _("last day of the lesson"),
}


@button("campaign_manage", power="campaign.manage")
def manage(talk: Talk, campaign_id: int) -> Say:
    """[Adjust]: what may become of it."""
    talk.close(FORM)
    return _screen(talk, campaigns.managed(talk.session, talk.actor, campaign_id))


def _screen(talk: Talk, campaign: Campaign, *, toast: Words | None = None) -> Say:
    state, number = campaigns.standing(campaign, talk.now), campaign.id
    stops = "go_on" if state == "paused" else "pause"
    alive = state != "over"
    return Say(
        _("<b>{name}</b> · {span}", name=campaign.name, span=span(campaign)),
        STATES[state],
        buttons=[
            [
                Button(LABELS[stops], "campaign_ask", number, stops) if alive else None,
                Button(LABELS["end"], "campaign_ask", number, "end") if alive else None,
            ],
            [
                Button(_("First day"), "campaign_day", number, "starts") if alive else None,
                Button(_("Last day"), "campaign_day", number, "ends") if alive else None,
            ],
            [
                Button(_("Lessons"), "campaign_lessons", number, 0) if alive else None,
                Button(_("Repeat last year's"), "campaign_repeat", number),
            ],
            [Button(_("‹ Back"), "campaign", number), MANAGE],
        ],
        toast=toast,
    )


@button("campaign_ask", power="campaign.manage")
def ask(talk: Talk, campaign_id: int, act: str) -> Say:
    """[Pause campaign], [Resume campaign], [End it early]: asked before it is done."""
    campaign = campaigns.managed(talk.session, talk.actor, campaign_id)
    if act not in QUESTIONS:
        return _screen(talk, campaign)
    return Say(
        _("<b>{name}</b> · {span}", name=campaign.name, span=span(campaign)),
        QUESTIONS[act],
        buttons=[
            [
                Button(LABELS[act], "campaign_do", campaign.id, act),
                Button(_("‹ Back"), "campaign_manage", campaign.id),
            ]
        ],
    )


@button("campaign_do", power="campaign.manage")
def do(talk: Talk, campaign_id: int, act: str) -> Say:
    """The same, confirmed."""
    acts = {"pause": campaigns.pause, "go_on": campaigns.go_on, "end": campaigns.end}
    if act not in acts:
        return manage(talk, campaign_id)
    campaign = acts[act](talk.session, talk.actor, campaign_id, now=talk.now)
    return _screen(talk, campaign, toast=_("Written."))


# -- another day -------------------------------------------------------------------------------


@button("campaign_day", power="campaign.manage")
def ask_day(talk: Talk, campaign_id: int, which: str) -> Say:
    """[First day], [Last day]: typed, shown back, and then written."""
    campaign = campaigns.managed(talk.session, talk.actor, campaign_id)
    if which not in ("starts", "ends"):
        return _screen(talk, campaign)
    return _ask_day(talk, campaign, None, which)


@button("lesson_day", power="campaign.manage")
def ask_lesson_day(talk: Talk, lesson_id: int, which: str) -> Say:
    """[Day of opening], [Last day] of a lesson."""
    lesson, campaign = campaigns.managed_lesson(talk.session, talk.actor, lesson_id)
    if which not in ("opens", "due"):
        return _lesson(talk, lesson, campaign)
    return _ask_day(talk, campaign, lesson, which)


@answer(FORM, power="campaign.manage", about=_("another day of a campaign"))
def typed(talk: Talk) -> Say:
    """The day, in full, with its yes."""
    data = talk.draft.data if talk.draft else {}
    campaign, lesson, what = _about(talk, data)
    found = read_day(talk.text, talk.local)
    if not isinstance(found, date):
        return _ask_day(talk, campaign, lesson, what, found)
    try:
        if lesson is None:
            campaigns.check_move(campaign, what, found, now=talk.now)
        else:
            campaigns.check_lesson(campaign, lesson, what, found)
    except Refusal as refusal:
        return _ask_day(talk, campaign, lesson, what, _(refusal.sentence, **refusal.values))
    action, number = (
        ("campaign_moved", campaign.id)
        if lesson is None
        else (
            "lesson_moved",
            lesson.id,
        )
    )
    return Ask(
        FORM,
        _title(campaign, lesson),
        _("The {which} becomes {day}?", which=DAYS[what], day=Day(found)),
        _("Reminders that wait move with it."),
        data=data,
        buttons=[
            [Button(_("Yes, write it"), action, number, what, found.isoformat())],
            [_back(campaign, lesson)],
        ],
    )


@button("campaign_moved", power="campaign.manage")
def moved(talk: Talk, campaign_id: int, which: str, day: str) -> Say:
    """[Yes, write it], of the campaign."""
    campaign = campaigns.move(
        talk.session, talk.actor, campaign_id, which, _read(day), now=talk.now
    )
    talk.close(FORM)
    return _screen(talk, campaign, toast=_("Written."))


@button("lesson_moved", power="campaign.manage")
def lesson_moved(talk: Talk, lesson_id: int, which: str, day: str) -> Say:
    """[Yes, write it], of a lesson."""
    lesson = campaigns.move_lesson(
        talk.session, talk.actor, lesson_id, which, _read(day), now=talk.now
    )
    talk.close(FORM)
    _same, campaign = campaigns.managed_lesson(talk.session, talk.actor, lesson_id)
    return _lesson(talk, lesson, campaign, toast=_("Written."))


def _ask_day(
    talk: Talk, campaign: Campaign, lesson: Lesson | None, what: str, problem: Text | None = None
) -> Ask:
    old = getattr(campaign if lesson is None else lesson, what)
    return Ask(
        FORM,
        _title(campaign, lesson),
        _("The {which} is {day}. Type another day, such as: 15/9", which=DAYS[what], day=Day(old)),
        problem,
        data={"campaign": campaign.id, "lesson": lesson.id if lesson else None, "what": what},
        buttons=[[_back(campaign, lesson), Button(_("Cancel"), "cancel", FORM)]],
    )


def _about(talk: Talk, data: dict[str, object]) -> tuple[Campaign, Lesson | None, str]:
    what, lesson_id = str(data.get("what")), data.get("lesson")
    if isinstance(lesson_id, int):
        lesson, campaign = campaigns.managed_lesson(talk.session, talk.actor, lesson_id)
        return campaign, lesson, what
    number = data.get("campaign")
    found = campaigns.managed(talk.session, talk.actor, number if isinstance(number, int) else 0)
    return found, None, what


def _title(campaign: Campaign, lesson: Lesson | None) -> Text:
    if lesson is None:
        return _("<b>{name}</b> · {span}", name=campaign.name, span=span(campaign))
    return _("Lesson {n}: {title}", n=lesson.place or 0, title=cut(lesson.title, TITLE))


def _back(campaign: Campaign, lesson: Lesson | None) -> Button:
    if lesson is None:
        return Button(_("‹ Back"), "campaign_manage", campaign.id)
    return Button(_("‹ Back"), "campaign_lesson", lesson.id)


def _read(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise NotFound from None


# -- lessons -----------------------------------------------------------------------------------


@button("campaign_lessons", power="campaign.manage")
def lessons(talk: Talk, campaign_id: int, page: int) -> Say:
    """[Lessons]: their days; a number opens one."""
    campaign = campaigns.managed(talk.session, talk.actor, campaign_id)
    shown = Page.of(campaigns.lessons_of(talk.session, campaign.id), page)
    return Say(
        _("<b>{name}</b> · {span}", name=campaign.name, span=span(campaign)),
        *[
            _(
                "{n}. {title} · {first} – {last}",
                n=each.place or 0,
                title=cut(each.title, TITLE),
                first=Day(each.opens, short=True),
                last=Day(each.due, short=True),
            )
            for each in shown.items
        ],
        buttons=[
            *shown.digits("campaign_lesson", *[(each.id,) for each in shown.items]),
            shown.turn("campaign_lessons", campaign.id),
            [Button(_("‹ Back"), "campaign_manage", campaign.id), MANAGE],
        ],
    )


@button("campaign_lesson", power="campaign.manage")
def one(talk: Talk, lesson_id: int) -> Say:
    """A lesson, and what may be changed of it."""
    talk.close(FORM)
    lesson, campaign = campaigns.managed_lesson(talk.session, talk.actor, lesson_id)
    return _lesson(talk, lesson, campaign)


def _lesson(talk: Talk, lesson: Lesson, campaign: Campaign, *, toast: Words | None = None) -> Say:
    return Say(
        _title(campaign, lesson),
        _("Opens {day}", day=Day(lesson.opens)),
        _("Last day {day}", day=Day(lesson.due)),
        _meeting_line(talk, lesson),
        buttons=[
            [
                Button(_("Day of opening"), "lesson_day", lesson.id, "opens"),
                Button(_("Last day"), "lesson_day", lesson.id, "due"),
            ],
            [Button(_("Its meeting"), "lesson_meetings", lesson.id)],
            [Button(_("‹ Back"), "campaign_lessons", campaign.id, 0), MANAGE],
        ],
        toast=toast,
    )


def _meeting_line(talk: Talk, lesson: Lesson) -> Text | None:
    meeting = talk.session.get(Meeting, lesson.meeting_id) if lesson.meeting_id else None
    if meeting is None:
        return None
    return _("Whoever is absent from {meeting} gets this lesson.", meeting=meeting_label(meeting))


@button("lesson_meetings", power="campaign.manage")
def meetings(talk: Talk, lesson_id: int) -> Say:
    """[Its meeting]: whose absentees are to get the lesson."""
    lesson, campaign = campaigns.managed_lesson(talk.session, talk.actor, lesson_id)
    found = campaigns.meetings_for(talk.session, campaign, now=talk.now)[:MEETINGS]
    none = Button(_("No meeting"), "lesson_meeting", lesson.id, 0) if lesson.meeting_id else None
    return Say(
        _title(campaign, lesson),
        _("Whoever is absent from its thematic meeting gets this lesson, once the roll is settled.")
        if found
        else _("There is no thematic meeting, lately or to come."),
        buttons=[
            *[
                [
                    Button(
                        _("On {day}", day=Day(local(each).date(), dated=True)),
                        "lesson_meeting",
                        lesson.id,
                        each.id,
                    )
                ]
                for each in found
            ],
            [none, Button(_("‹ Back"), "campaign_lesson", lesson.id)],
        ],
    )


@button("lesson_meeting", power="campaign.manage")
def link(talk: Talk, lesson_id: int, meeting_id: int) -> Say:
    """A meeting is chosen, or none."""
    lesson, campaign = campaigns.link(talk.session, talk.actor, lesson_id, meeting_id, now=talk.now)
    return _lesson(talk, lesson, campaign, toast=_("Written."))


# -- last year's -------------------------------------------------------------------------------


@button("campaign_repeat", power="campaign.manage")
def repeat(talk: Talk, campaign_id: int) -> Say:
    """[Repeat last year's]: shown before it is begun."""
    old = campaigns.managed(talk.session, talk.actor, campaign_id)
    plan = campaigns.repeated(talk.session, old, now=talk.now)
    number = len(campaigns.lessons_of(talk.session, old.id))
    return Say(
        _("<b>{name}</b>", name=plan.name),
        _(
            "{first} – {last}",
            first=Day(plan.starts, dated=True),
            last=Day(plan.ends, dated=True),
        ),
        n_(
            "{n} lesson as in “{old}”, the days moved; nothing of anybody's progress.",
            "{n} lessons as in “{old}”, the days moved; nothing of anybody's progress.",
            n=number,
            old=shortened(old.name),
        ),
        buttons=[
            [
                Button(_("Begin"), "campaign_repeated", old.id),
                Button(_("‹ Back"), "campaign_manage", old.id),
            ]
        ],
    )


@button("campaign_repeated", power="campaign.manage")
def repeated(talk: Talk, campaign_id: int) -> Say:
    """[Begin]; pressed twice, it begins once."""
    made = campaigns.repeat(talk.session, talk.actor, campaign_id, now=talk.now)
    return _screen(talk, made, toast=_("The campaign has begun."))
