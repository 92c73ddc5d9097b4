"""The first screen, and what is found on every screen: help, cancel, settings, the way to manage.

Home tells what is next and what is waiting: the next meeting, lessons, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from handlers.campaigns.showing import due_words
from handlers.dates import Hours, NotUnderstood, hours_meant
from handlers.kit import Ask, Button, Say, Talk, answer, button, command
from handlers.meetings.showing import meeting_label, when
from handlers.text import LANGUAGES, Day, Text, Words, _, n_
from storage import attendance, campaigns, groups, keeping, meetings, menus, outbox, roster, tasks
from storage.campaigns import Todo
from storage.errors import Refusal
from storage.powers import may_somewhere
from storage.quiet import parse_quiet_hours

HOME = Button(_("‹ Home"), "home")
LANGUAGE_NAMES = {"vi": "Tiếng Việt", "en": "English"}


def keyboard(talk: Talk) -> list[list[Text]]:
    """The labels below the typing field: a committee member has one row more."""
    rows = [[_("Meetings"), _("Study")], [_("Questions"), _("My record")]]
    if may_somewhere(talk.actor, "inbox"):
        rows.append([_("Manage"), _("Inbox")])
    return rows


def screen(talk: Talk, *, greet: bool = False) -> Say:
    """The home screen; `greet` also lays out the keyboard."""
    person = talk.person
    branch = groups.branch_of(talk.session, person.unit_id, today=talk.today)
    meeting = meetings.next_for(talk.session, person.id, talk.now)
    lessons = campaigns.todo(talk.session, person.id, talk.today)
    number = tasks.open_number(talk.session, talk.actor)
    roll = attendance.open_for(talk.session, person, now=talk.now)
    here = (
        Button(_("I am here"), "attend", roll.meeting.id) if roll and not roll.present_at else None
    )
    return Say(
        _("Comrade {name} · {unit}", name=given_name(person), unit=branch.name),
        _("Next meeting: {when}", when=when(meeting)) if meeting else None,
        _("Check-in is open now.") if here else None,
        _todo(lessons_due(talk, lessons) if lessons else None, number),
        _("Nothing is waiting for you.") if not meeting and not lessons and not number else None,
        buttons=[
            [here],
            [
                Button(meeting_label(meeting), "meeting", meeting.id) if meeting else None,
                study_button(lessons[0]) if lessons else None,
            ],
            [Button(_("My tasks"), "tasks"), Button(_("Suggest"), "suggest")],
        ],
        keyboard=keyboard(talk) if greet else None,
        new=greet,
    )


def owners(talk: Talk, *, greet: bool = False) -> Say:
    """The home of an owner who is on no roll: how an organisation gets started."""
    if greet:
        menus.owe(talk.session, talk.actor.telegram_id, now=talk.now)
    return Say(
        _("You look after this assistant; you are on no roll yourself."),
        _("1. Send me the file of members (.xlsx or .csv): nothing is written before your yes."),
        _("2. Give the secretary their role: Roster, the person, Roles. They do the rest."),
        _("3. Add me to the branch's group and type /link there."),
        buttons=[
            [Button(_("Roster"), "roster"), Button(_("Manage"), "manage")],
            [Button(_("Settings"), "settings"), Button(_("Help"), "help")],
        ],
        keyboard=[[_("Manage")]] if greet else None,
        new=greet,
    )


def _todo(lessons: Text | None, number: int) -> Text | None:
    """ "Cần làm: bài 2 (hạn 15/8) · 1 việc"."""
    given = n_("{n} task", "{n} tasks", n=number)
    match lessons, number:
        case None, 0:
            return None
        case None, _some:
            return _("To do: {what}", what=given)
        case _some, 0:
            return _("To do: {what}", what=lessons)
    return _("To do: {what} · {tasks}", what=lessons, tasks=given)


def lessons_due(talk: Talk, lessons: Sequence[Todo]) -> Text:
    """The first lesson, and how many there are beside."""
    first, others = lessons[0], len(lessons) - 1
    due = due_words(first.lesson, campaigns.day_of(talk.now, first.campaign.zone))
    if not others:
        return _("lesson {number} ({due})", number=first.number, due=due)
    return _(
        "lesson {number} ({due}) and {others} more", number=first.number, due=due, others=others
    )


def study_button(todo: Todo) -> Button:
    """The way to a lesson."""
    return Button(_("Study lesson {number}", number=todo.number), "lesson", todo.lesson.id, 0)


# -- my record ---------------------------------------------------------------------------------


@command(
    "me",
    vi="hoso",
    power="record.own",
    help=_("My record"),
    label=_("My record"),
)
@button("me", power="record.own")
def record(talk: Talk) -> Say:
    """This year's meetings and study, and what the roster says of this person."""
    person, year = talk.person, talk.today.year
    met = attendance.record_of(talk.session, person.id, year)
    kept = keeping.kept(talk.session, person.id, year)
    done, lessons, average = campaigns.record_of(talk.session, person.id, year)
    study = _("Study {done}/{all} lessons", done=done, all=lessons)
    if average is not None:
        average = round(average, 1)
        study = _(
            "Study {done}/{all} lessons · average {average}",
            done=done,
            all=lessons,
            average=average,
        )
    return Say(
        _("<b>RECORD {year}</b> · {name}", year=str(year), name=person.full_name),
        _(
            "Meetings {present}/{held} · excused {excused}",
            present=met.present,
            held=met.held,
            excused=met.excused,
        ),
        _(
            "Kept your word: came {came} of the {said} times you said so",
            came=kept.came,
            said=kept.said,
        )
        if kept.said
        else None,
        study,
        _("Joined: {day}", day=Day(person.joined, dated=True)) if person.joined else None,
        _("Official since: {day}", day=Day(person.official, dated=True))
        if person.official
        else None,
        buttons=[[HOME]],
    )


def given_name(person: roster.Person) -> str:
    """What a person is called: the last word of the name."""
    return person.full_name.split()[-1]


@button("home", power="home")
def home(talk: Talk) -> Say:
    """[‹ Home]: back to the first screen; a form that holds something stays open."""
    talk.leave()
    return screen(talk) if talk.actor.person_id is not None else owners(talk)


@command("cancel", vi="huy", power="home", help=_("Leave what I am filling in"), group=True)
def cancel(talk: Talk) -> Say:
    """Leaves any form; nothing of it is kept. A group hears nothing of anybody's form."""
    if not talk.private:
        return Say(
            _("Everything personal is in the private chat with me."),
            buttons=[[Button(_("Open private chat"), url=talk.house.link(""))]],
        )
    if talk.draft is None:
        return Say(_("Nothing is unfinished."), buttons=[[HOME]])
    talk.close()
    return Say(_("Cancelled. What was unfinished is neither saved nor sent."), buttons=[[HOME]])


@button("cancel", power="home")
def cancel_form(talk: Talk, form: str) -> Say:
    """[Cancel] below a form: that one, if it is still open, and no other."""
    if talk.draft is not None and talk.draft.form != form:
        return Say(_("This was sent or dropped already."), buttons=[[HOME]])
    return cancel(talk)


@command("help", vi="trogiup", power="home", help=_("Help"), group=True)
@button("help", power="home")
def help_(talk: Talk) -> Say:
    """What this bot is for, in five lines."""
    if not talk.private:
        return Say(
            _("I take attendance here and answer /ask from the question base."),
            _("Everything personal is in the private chat with me."),
            buttons=[[Button(_("Open private chat"), url=talk.house.link(""))]],
        )
    if talk.actor.person_id is None:
        return Say(
            _("<b>Help</b>"),
            _("/manage – everything you can do here · /roster – people, links, roles"),
            _("A file sent here – .xlsx or .csv for the roll or questions, .toml for a campaign"),
            _("/link – typed in a group, links it to its unit"),
            _("/settings – language · /cancel leaves whatever you are filling in"),
            buttons=[[HOME]],
        )
    committee = may_somewhere(talk.actor, "manage")
    return Say(
        _("<b>Help</b>"),
        _("/manage – everything for the committee · in the group: /checkin takes the roll")
        if committee
        else None,
        _("/meetings – the next meeting, say whether you come"),
        _("/study – lessons and quizzes"),
        _("/ask – or simply type a question"),
        _("/me – what is kept about you · /settings – language, quiet hours"),
        _("Whatever you are filling in, /cancel leaves it. Please send nothing secret here."),
        buttons=[[HOME]],
    )


# -- settings ----------------------------------------------------------------------------------


@command("settings", vi="caidat", power="preferences", help=_("Settings"))
@button("settings", power="preferences")
def settings(talk: Talk) -> Say:
    """Language and quiet hours, a person's own."""
    talk.close("quiet")
    if talk.actor.person_id is None:
        return Say(
            _("<b>Settings</b>"),
            _("Language: {language}", language=LANGUAGE_NAMES[talk.reader.language]),
            _("As long as you are on no roll, it is the language of your Telegram."),
            buttons=[[HOME]],
        )
    person = talk.person
    quiet = talk.house.quiet_hours if person.quiet_hours is None else person.quiet_hours
    return Say(
        _("<b>Settings</b>"),
        _("Language: {language}", language=LANGUAGE_NAMES[talk.reader.language]),
        _("Quiet hours: {hours}", hours=quiet or _("none")),
        buttons=[
            [
                Button(name, "language", code)
                for code, name in LANGUAGE_NAMES.items()
                if code in LANGUAGES
            ],
            [Button(_("Quiet hours…"), "quiet"), HOME],
        ],
    )


@button("language", power="preferences")
def language(talk: Talk, code: str) -> Say:
    """The person's own language, from the next word on."""
    if code not in LANGUAGES:
        raise Refusal("I do not speak that language.")
    talk.person.language = code
    talk.session.add(talk.person)
    menus.owe(talk.session, talk.actor.telegram_id, now=talk.now)
    talk.reader = talk.reader_of(code)
    said = settings(talk)
    said.keyboard = keyboard(talk)
    return said


@button("quiet", power="preferences")
def quiet(talk: Talk) -> Say:
    """Asks for the hours in which only answers come."""
    return Ask(
        "quiet",
        _("From when to when shall notices wait? Type it like 21:30-06:30."),
        _("Answers to your own questions always come at once."),
        buttons=[
            [Button(_("No quiet hours"), "quiethours", "none")],
            [Button(_("As usual here"), "quiethours", "usual")],
            [Button(_("‹ Back"), "settings")],
        ],
    )


@button("quiethours", power="preferences")
def quiet_hours(talk: Talk, choice: str) -> Say:
    """None, or what the installation has."""
    talk.person.quiet_hours = "" if choice == "none" else None
    talk.session.add(talk.person)
    return settings(talk)


@answer("quiet", power="preferences")
def quiet_typed(talk: Talk) -> Say:
    """Typed hours, shown back before they count; where the words leave two, both are offered."""
    try:
        typed, *others = hours_meant(talk.text)
    except NotUnderstood:
        raise Refusal("I need two times, like 21:30-06:30.") from None
    if typed.start == typed.end:
        raise Refusal("I need two times, like 21:30-06:30.")
    back = [Button(_("‹ Back"), "settings")]
    if not others:
        return Ask(
            "quiet",
            _("Quiet hours: {hours}. Is that right?", hours=typed),
            buttons=[[_quiet_button(_("Yes"), typed)], back],
        )
    return Ask(
        "quiet",
        _("{hours} would be {n} quiet hours a day.", hours=typed, n=typed.minutes // 60),
        _("Which do you mean?"),
        buttons=[*[[_quiet_button(str(each), each)] for each in (*others, typed)], back],
    )


def _quiet_button(label: Words, hours: Hours) -> Button:
    return Button(label, "quietset", str(hours).replace(":", ""))


@button("quietset", power="preferences")
def quiet_set(talk: Talk, digits: str) -> Say:
    """The typed hours, confirmed."""
    line = "-".join(f"{part[:2]}:{part[2:]}" for part in digits.split("-"))
    try:
        parse_quiet_hours(line)
    except ValueError:
        raise Refusal("I need two times, like 21:30-06:30.") from None
    talk.person.quiet_hours = line
    talk.session.add(talk.person)
    return settings(talk)


# -- the committee -----------------------------------------------------------------------------


@command("manage", vi="quanly", power="manage", label=_("Manage"))
@button("manage", power="manage")
def manage(talk: Talk) -> Say:
    """Where the committee's work begins."""
    talk.leave()
    rows: list[list[Button | None]] = []
    if may_somewhere(talk.actor, "meeting.create"):
        rows.append(
            [Button(_("Create meeting"), "newmeeting"), Button(_("All meetings"), "meetings")]
        )
        rows.append([Button(_("Roll call"), "roll_now"), Button(_("Absences"), "absences")])
    rows.append([Button(_("Roster"), "roster")])
    if may_somewhere(talk.actor, "campaign.see"):
        rows[-1].append(Button(_("Campaigns"), "campaigns"))
    if may_somewhere(talk.actor, "report.see"):
        rows.append([Button(_("Report"), "report")])
    if may_somewhere(talk.actor, "inbox"):
        rows.append([Button(_("Inbox"), "inbox"), HOME])
    else:
        rows.append([HOME])
    if may_somewhere(talk.actor, "notice.attend"):
        rows.insert(-1, [Button(_("To be called"), "to_call", 0), _unsure(talk)])
    if may_somewhere(talk.actor, "rules.see"):
        rows.insert(-1, [Button(_("Rules"), "rules")])
    return Say(_("<b>Manage</b>"), _("What would you like to do?"), buttons=rows)


def _unsure(talk: Talk) -> Button | None:
    """Shown only while there is a notice that may not have arrived."""
    found = outbox.uncertain(talk.session, talk.actor)
    return Button(n_("{n} unsure", "{n} unsure", n=len(found)), "unsure", 0) if found else None
