"""The committee scores a session: points, the question to members, its own word, the year."""

from __future__ import annotations

from sqlmodel import Session

from handlers import doors
from handlers.kit import Ask, Button, House, Say, Talk, answer, button
from handlers.meetings.showing import MANAGE, local, meeting_label
from handlers.paging import Page
from handlers.quality.saying import CRITERIA, GRADES, heard_line, lines, total
from handlers.rules import why
from handlers.text import Text, Words, _, cut, n_
from storage import attendance, quality
from storage.errors import NotFound
from storage.meetings import Meeting, MeetingState
from storage.quality import Criterion, Grade, Scored, SheetState

FORM = "score"
STRIDE = 5  # points at a press, for those far from full marks
SHOWN = 300  # letters of a comment on the screen
COMMENTS = 3  # on a page


def line(session: Session, meeting: Meeting, house: House) -> Text | None:
    """What the screen after a meeting says of its score."""
    found = quality.scored(session, house.profile, meeting)
    return None if found.total is None else total(found)


def _meeting(talk: Talk, meeting_id: int) -> Meeting:
    return attendance.for_committee(talk.session, talk.actor, meeting_id, power="score.propose")


@button("score", power="score.propose")
def score(talk: Talk, meeting_id: int) -> Say:
    """[Score]: the sheet as it stands, and what is to be done next."""
    talk.close(FORM)
    meeting = _meeting(talk, meeting_id)
    if meeting.state != MeetingState.CLOSED:
        words = _("Check-in of this meeting is not closed yet.")
        return Say(words, buttons=[[_back(meeting), MANAGE]])
    return _sheet(talk, quality.scored(talk.session, talk.house.profile, meeting))


def _sheet(talk: Talk, found: Scored, *more: Words | None, toast: Words | None = None) -> Say:
    meeting = found.meeting
    heard = quality.heard(talk.session, meeting)
    asked = found.state is not SheetState.PROPOSED
    rows: list[list[Button | None]] = []
    if found.state is not SheetState.CONFIRMED:
        each = [Button(name, "score_of", meeting.id, key) for key, name in CRITERIA.items()]
        rows += [[*each[:2]], [*each[2:]]]
    said = n_("{n} comment", "{n} comments", n=heard.comments)
    rows.append(
        [
            Button(said, "score_comments", meeting.id, 0) if heard.comments else None,
            Button(_("Whole year"), "score_year", meeting.id),
        ]
    )
    return Say(
        *lines(found),
        heard_line(heard) if asked else None,
        *more,
        buttons=[_next(found), *rows, [_back(meeting), MANAGE]],
        toast=toast,
    )


def _next(found: Scored) -> list[Button | None]:
    """The next step of a sheet, for the unit's own committee."""
    if found.state is SheetState.PROPOSED and found.total is not None:
        return [Button(_("Ask members"), "score_ask", found.meeting.id)]
    if found.state is SheetState.ASKED:
        return [Button(_("Agree on score"), "score_agree", found.meeting.id)]
    return []


def _back(meeting: Meeting) -> Button:
    return Button(_("‹ Back"), "hub", meeting.id, doors.AFTER)


# -- points ------------------------------------------------------------------------------------


@button("score_of", power="score.propose")
def one(talk: Talk, meeting_id: int, criterion: str) -> Say:
    """One criterion: typed, or by steps of one and of five."""
    found = quality.scored(talk.session, talk.house.profile, _meeting(talk, meeting_id))
    return _one(found, _known(criterion))


def _known(criterion: str) -> Criterion:
    if criterion not in list(Criterion):
        raise NotFound
    return Criterion(criterion)


def _one(found: Scored, criterion: Criterion, *, toast: Words | None = None) -> Say:
    given, meeting_id = found.of(criterion), found.meeting.id
    points, most = given.points, given.most

    def step(label: Words, to: int) -> Button | None:
        return Button(label, "score_set", meeting_id, criterion, to) if 0 <= to <= most else None

    steps: list[list[Button | None]] = []
    if points is not None:
        steps = [[step(f"−{by}", points - by), step(f"+{by}", points + by)] for by in (1, STRIDE)]
    again = found.state is not SheetState.PROPOSED
    return Ask(
        FORM,
        _(
            "<b>{criterion}</b> · {meeting}",
            criterion=CRITERIA[criterion],
            meeting=_of(found.meeting),
        ),
        _("{points} of {most} points.", points=points, most=most)
        if points is not None
        else _("No points yet, {most} at most.", most=most),
        _("Type the points, or press."),
        _("Members are asked anew when this changes.") if again else None,
        data={"meeting": meeting_id, "criterion": criterion.value},
        buttons=[
            *steps,
            [
                step(_("All {most}", most=most), most) if points != most else None,
                Button(_("Why?"), "score_why", meeting_id)
                if criterion is Criterion.ATTENDANCE
                else None,
            ],
            [Button(_("‹ Back"), "score", meeting_id)],
        ],
        toast=toast,
    )


@answer(FORM, power="score.propose")
def typed(talk: Talk) -> Say:
    """Typed points, shown back before they count."""
    data = talk.draft.data if talk.draft else {}
    meeting = _meeting(talk, int(data.get("meeting", 0)))
    criterion = _known(str(data.get("criterion", "")))
    given = quality.scored(talk.session, talk.house.profile, meeting).of(criterion)
    points = quality.check_typed(talk.text, given.most)
    return Ask(
        FORM,
        _("<b>{criterion}</b> · {meeting}", criterion=CRITERIA[criterion], meeting=_of(meeting)),
        _("{points} of {most} points.", points=points, most=given.most),
        data=data,
        buttons=[
            [Button(_("Keep"), "score_set", meeting.id, criterion, points)],
            [Button(_("‹ Back"), "score_of", meeting.id, criterion)],
        ],
    )


def _of(meeting: Meeting) -> Text:
    return meeting_label(meeting)


@button("score_set", power="score.propose")
def keep(talk: Talk, meeting_id: int, criterion: str, number: int) -> Say:
    """[−1], [+5], [All], [Keep]: exactly so many points; pressed twice, the same."""
    known = _known(criterion)
    found = quality.propose(
        talk.session, talk.actor, talk.house.profile, meeting_id, known, number, now=talk.now
    )
    return _one(found, known, toast=_("Noted: {points} points.", points=number))


@button("score_why", power="score.propose")
def reasons(talk: Talk, meeting_id: int) -> Say:
    """[Why?] of the points that the attendance proposes."""
    meeting, profile = _meeting(talk, meeting_id), talk.house.profile
    given = quality.scored(talk.session, profile, meeting).of(Criterion.ATTENDANCE)
    count = attendance.totals(talk.session, meeting).all
    bar = quality.attendance_bar(talk.session, profile, meeting)
    proposed = quality.suggested(talk.session, profile, meeting, given.most)
    return Say(
        _(
            "Present {present} of {convened}: {percent}%.",
            present=count.present,
            convened=count.convened,
            percent=count.percent,
        ),
        _("Proposed: {points} of {most} points.", points=proposed, most=given.most),
        _("All points from the bar on; below it in proportion."),
        *why(bar),
        buttons=[[Button(_("‹ Back"), "score_of", meeting_id, Criterion.ATTENDANCE)]],
    )


# -- members, and the committee's own word -----------------------------------------------------


@button("score_ask", power="score.propose")
def ask(talk: Talk, meeting_id: int) -> Say:
    """[Ask members]: leaves in a minute, until then it can be taken back."""
    found = quality.ask(
        talk.session,
        talk.actor,
        talk.house.profile,
        meeting_id,
        quiet=talk.house.quiet,
        now=talk.now,
    )
    if found.state is not SheetState.ASKED:
        return _sheet(talk, found)
    people = quality.heard(talk.session, found.meeting).present
    return Say(
        *lines(found),
        n_(
            "In 60 seconds the {n} person who was present is asked.",
            "In 60 seconds the {n} people who were present are asked.",
            n=people,
        ),
        buttons=[
            [Button(_("Undo"), "score_recall", meeting_id, found.round)],
            [Button(_("‹ Back"), "score", meeting_id), MANAGE],
        ],
    )


@button("score_recall", power="score.propose")
def recall(talk: Talk, meeting_id: int, number: int) -> Say:
    """[Undo]: nobody is asked; pressed too late, the sheet says so."""
    found = quality.recall(
        talk.session, talk.actor, talk.house.profile, meeting_id, number, now=talk.now
    )
    undone = found.state is SheetState.PROPOSED
    toast = _("Nobody is asked.") if undone else _("Too late: members have been asked.")
    return _sheet(talk, found, toast=toast)


@button("score_agree", power="score.propose")
def ask_agree(talk: Talk, meeting_id: int) -> Say:
    """[Agree on score]: says what members have said, and asks again."""
    found = quality.scored(talk.session, talk.house.profile, _meeting(talk, meeting_id))
    if found.state is not SheetState.ASKED:
        return _sheet(talk, found)
    return Say(
        *lines(found),
        heard_line(quality.heard(talk.session, found.meeting)),
        _("Is this the branch's score? It then goes to the committee above."),
        buttons=[
            [Button(_("Yes"), "score_agree_yes", meeting_id, found.round)],
            [Button(_("‹ Back"), "score", meeting_id)],
        ],
    )


@button("score_agree_yes", power="score.propose")
def agree(talk: Talk, meeting_id: int, number: int) -> Say:
    """[Yes]: of the round that was shown; pressed twice, the same."""
    found = quality.agree(
        talk.session,
        talk.actor,
        talk.house.profile,
        meeting_id,
        number,
        quiet=talk.house.quiet,
        now=talk.now,
    )
    return _sheet(talk, found)


@button("score_comments", power="score.propose")
def comments(talk: Talk, meeting_id: int, page: int) -> Say:
    """[2 comments]: each with its name, for the committee alone."""
    found = quality.comments(talk.session, talk.actor, meeting_id)
    shown = Page.of(found, page, COMMENTS)
    return Say(
        _("<b>COMMENTS</b> · {meeting}", meeting=_of(_meeting(talk, meeting_id))),
        *(
            _("Comrade {name}: {text}", name=name, text=cut(text, SHOWN))
            for name, text in shown.items
        ),
        buttons=[
            shown.turn("score_comments", meeting_id),
            [Button(_("‹ Back"), "score", meeting_id), MANAGE],
        ],
    )


# -- the year ----------------------------------------------------------------------------------


@button("score_year", power="score.propose")
def year(talk: Talk, meeting_id: int) -> Say:
    """[Whole year]: the confirmed scores of the year of this meeting."""
    meeting = _meeting(talk, meeting_id)
    found = quality.year(
        talk.session, talk.actor, talk.house.profile, meeting.unit_id, local(meeting).year
    )
    counts = {grade.value: found.grades[grade] for grade in Grade}
    missing = found.unscored
    return Say(
        _("<b>SCORES {year}</b> · {unit}", year=str(found.year), unit=found.unit.name),
        _("Good {good} · fair {fair} · average {average} · poor {poor}", **counts),
        n_("{n} session is not confirmed yet.", "{n} sessions are not confirmed yet.", n=missing)
        if missing
        else None,
        _("The year so far: {grade}.", grade=GRADES[Grade.GOOD])
        if found.good
        else _("Not a good year yet: every session fair or better, and enough good ones."),
        *why(found.rule),
        buttons=[[Button(_("‹ Back"), "score", meeting_id), MANAGE]],
    )


doors.hang(doors.AFTER, "score", _("Score"), ruled=line)
