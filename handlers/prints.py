"""Papers for a meeting, as Word files: the sheet to sign, the agenda, the letter to invite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from handlers import doors
from handlers.kit import Button, File, Say, Talk, button, maker
from handlers.meetings.showing import MANAGE, clock, local, meeting_label, meeting_title, when
from handlers.paper.words import document_day, organisation
from handlers.roster.words import KINDS, REACH, dialled
from handlers.text import Reader, Text, _, n_
from storage import agenda, prints
from storage.meetings import Meeting
from storage.prints import Group, Invited, Printed

if TYPE_CHECKING:
    from docx.document import Document as Paper

PAPERS = {  # the maker of each, and what its file is called
    "sheet": "danh-sach-ky",
    "agenda": "chuong-trinh",
    "letter": "giay-moi",
}


@button("prints", power="meeting.create")
def choose(talk: Talk, meeting_id: int) -> Say:
    """[On paper]: which one."""
    printed = prints.printable(talk.session, talk.actor, meeting_id)
    return Say(
        _("<b>ON PAPER</b> · {meeting}", meeting=meeting_label(printed.meeting)),
        _("Word files to be printed. Lists of names are for the committee: never to a group."),
        buttons=[
            [
                Button(_("Sheet to sign"), "print_paper", meeting_id, "sheet"),
                Button(_("Printed agenda"), "print_paper", meeting_id, "agenda"),
            ],
            [Button(_("Invitation letter"), "print_paper", meeting_id, "letter")],
            [Button(_("‹ Back"), "hub", meeting_id, doors.BEFORE), MANAGE],
        ],
    )


@button("print_paper", power="meeting.create")
def take(talk: Talk, meeting_id: int, what: str) -> Say:
    """One of them."""
    printed = prints.printable(talk.session, talk.actor, meeting_id)
    paper = what if what in PAPERS else "sheet"
    name = f"{PAPERS[paper]}-{local(printed.meeting):%Y-%m-%d}.docx"
    return Say(
        toast=_("The file is being made."), files=[File(f"print_{paper}", [meeting_id], name)]
    )


def _reader(talk: Talk, printed: Printed) -> Reader:
    """Papers are in the language of the unit."""
    return talk.reader_of(printed.language or talk.house.language)


# -- the sheet to sign ---------------------------------------------------------------------------


@maker("print_sheet", power="meeting.create")
def sheet(talk: Talk, meeting_id: int) -> Callable[[], bytes]:
    """Everybody convened, by group and given name, with a place for the signature."""
    printed = prints.printable(talk.session, talk.actor, meeting_id)
    groups = prints.sheet(talk.session, talk.actor, meeting_id, now=talk.now)
    reader = _reader(talk, printed)
    return lambda: sheet_paper(printed, groups, reader)


def sheet_paper(printed: Printed, groups: Sequence[Group], reader: Reader) -> bytes:
    """The file."""
    from handlers.paper import pieces  # slow to load

    say = reader.plain
    made = pieces.new_paper()
    pieces.marked(made, say(_head_line(printed)), bold=False)
    _top(made, printed, reader, _("ATTENDANCE SHEET"))
    widths = (1.2, 6, 3, 3.5, 2.8)
    titles = (_("No."), _("Full name"), _("Member kind"), _("Signature"), _("Note"))
    table = pieces.grid(made, [say(each) for each in titles], widths)
    aligns = [pieces.CENTRE, *[pieces.LEFT] * 4]
    number = 0
    for group in groups:
        if len(groups) > 1:
            pieces.band(table, f"{group.name} ({len(group.lines)})")
        for each in group.lines:
            number += 1
            cells = [str(number), each.name, say(KINDS[each.kind]), "", ""]
            pieces.row(table, cells, aligns, height=0.9)
    pieces.fit(table, widths)
    total = n_("Convened: {n} person.", "Convened: {n} people.", n=number)
    pieces.line(made, say(total), before=6)
    pieces.line(made, say(_("Present: ……    With reason: ……    Without reason: ……")))
    signed = say(_("(signature and full name)"))
    pieces.signatures(
        made,
        (say(_("MINUTE-TAKER")), signed, "", ""),
        (say(_("CHAIR")), signed, "", ""),
    )
    return pieces.saved(made)


# -- the agenda ----------------------------------------------------------------------------------


@maker("print_agenda", power="meeting.create")
def agenda_(talk: Talk, meeting_id: int) -> Callable[[], bytes]:
    """The points in order, with the minutes that are planned."""
    printed = prints.printable(talk.session, talk.actor, meeting_id)
    points = prints.points(talk.session, talk.actor, meeting_id)
    reader = _reader(talk, printed)
    return lambda: agenda_paper(printed, points, reader)


def agenda_paper(printed: Printed, points: Sequence[agenda.Point], reader: Reader) -> bytes:
    """The file; without points it has lines to write on."""
    from handlers.paper import pieces  # slow to load

    say = reader.plain
    made = pieces.new_paper()
    _top(made, printed, reader, _("AGENDA OF THE MEETING"))
    widths = (1.2, 9.3, 2.5, 3.5)
    titles = (_("No."), _("Point"), _("Minutes planned"), _("Note"))
    table = pieces.grid(made, [say(each) for each in titles], widths)
    aligns = [pieces.CENTRE, pieces.LEFT, pieces.CENTRE, pieces.LEFT]
    for each in points:
        planned = str(each.planned) if each.planned is not None else ""
        pieces.row(table, [str(each.number), each.title, planned, ""], aligns)
    for number in range(1, 7) if not points else ():
        pieces.row(table, [str(number), "", "", ""], aligns, height=1)
    pieces.fit(table, widths)
    return pieces.saved(made)


# -- the letter ----------------------------------------------------------------------------------


@maker("print_letter", power="meeting.create")
def letter(talk: Talk, meeting_id: int) -> Callable[[], bytes]:
    """One letter with room for a name, and whom to bring it to."""
    printed = prints.printable(talk.session, talk.actor, meeting_id)
    people = prints.unreached(talk.session, talk.actor, meeting_id, now=talk.now)
    points = prints.points(talk.session, talk.actor, meeting_id)
    reader = _reader(talk, printed)
    today = talk.today
    return lambda: letter_paper(printed, people, points, reader, today=today)


def letter_paper(
    printed: Printed,
    people: Sequence[Invited],
    points: Sequence[agenda.Point],
    reader: Reader,
    *,
    today: date,
) -> bytes:
    """The file: the letter on its own page, the list on the next."""
    from handlers.paper import pieces  # slow to load

    say, meeting = reader.plain, printed.meeting
    made = pieces.new_paper()
    _top(made, printed, reader, _("INVITATION"), on=today)
    dear = say(_("Dear comrade:")) + " " + "." * 60
    pieces.line(made, dear, align=pieces.LEFT, before=12)
    invites = _("The committee of {unit} invites you to this meeting.", unit=printed.unit)
    pieces.line(made, say(invites), indent=1, before=6)
    pieces.labelled(made, say(_("Time:")), say(when(meeting)))
    pieces.labelled(made, say(_("Place:")), meeting.place)
    if points:
        pieces.labelled(made, say(_("Points:")), "")
        for each in points:
            pieces.line(made, f"{each.number}. {each.title}", indent=1.5)
    please = _("If you cannot come, please tell the committee beforehand, with the reason.")
    pieces.line(made, say(please), indent=1, before=6)
    signed = say(_("(signature and full name)"))
    pieces.signatures(made, ("", "", "", ""), (say(_("FOR THE COMMITTEE")), signed, "", ""))
    if people:
        made.add_page_break()  # type: ignore[no-untyped-call]
        _whom(made, printed, people, reader)
    return pieces.saved(made)


def _whom(made: Paper, printed: Printed, people: Sequence[Invited], reader: Reader) -> None:
    """The list of those whom no message reaches; it stays with the committee."""
    from handlers.paper import pieces

    say = reader.plain
    pieces.title(made, say(_("TO BE INVITED BY LETTER OR TELEPHONE")), say(_head_line(printed)))
    widths = (1.2, 5.8, 3.5, 3, 3)
    titles = (_("No."), _("Full name"), _("Unit"), _("How to reach"), _("Telephone"))
    table = pieces.grid(made, [say(each) for each in titles], widths)
    aligns = [pieces.CENTRE, *[pieces.LEFT] * 4]
    for number, each in enumerate(people, start=1):
        phone = dialled(each.phone) if each.phone else ""
        cells = [str(number), each.name, each.unit, say(REACH[each.way]), phone]
        pieces.row(table, cells, aligns)
    pieces.fit(table, widths)


# -- parts ---------------------------------------------------------------------------------------


def _top(
    made: Paper, printed: Printed, reader: Reader, name: Text, *, on: date | None = None
) -> None:
    """The head of a paper, its name, and what meeting it is for; it is of the meeting's day."""
    from handlers.paper import pieces

    say, meeting = reader.plain, printed.meeting
    day = document_day(on or local(meeting).date(), reader)
    unit, above = printed.unit.upper(), printed.above.upper()
    pieces.head(made, above, unit, organisation(reader), f"{meeting.place},\n{day}")
    pieces.title(made, say(name), say(meeting_title(meeting)))


def _head_line(printed: Printed) -> Text:
    """Which meeting, on one line at the top of every page."""
    meeting: Meeting = printed.meeting
    return _(
        "{unit} · {title} · {time}, {day} · {place}",
        unit=printed.unit,
        title=meeting_title(meeting),
        time=clock(meeting, meeting.starts_at),
        day=f"{local(meeting):%d/%m/%Y}",
        place=meeting.place,
    )


doors.hang(doors.BEFORE, "prints", _("On paper"))
