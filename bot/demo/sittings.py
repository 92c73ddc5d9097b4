"""The meetings that the town has held: called, attended, led, and what came of each.

The last ones of Chi bộ 1 have more to them: a show of hands, ratings, a score, minutes that wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from bot.demo import script
from bot.demo.past import PROFILE, QUIET, ZONE, Past
from bot.demo.script import HABITS, Habit, Sitting
from handlers.agenda.templates import TEMPLATES
from handlers.text import Reader
from storage import (
    agenda,
    attendance,
    chairing,
    deputies,
    meetings,
    minutes,
    polls,
    quality,
    series,
    tasks,
)
from storage.agenda import Item
from storage.attendance import Presence, Wrong
from storage.meetings import Meeting, MeetingKind, Plan, Seat
from storage.minutes import Confirmation
from storage.powers import Actor
from storage.quality import Criterion, rating
from storage.roster import Person
from storage.series import Pattern

TAPS = ("ggg", "ggf", "gfg", "fgg", "gff", "fgf", "ggg", "gfa")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ELDER, DEPUTY = "Cao Minh Nhật", "Vũ Thị Ngọc Lan"


def write(past: Past) -> None:
    """All of them: each branch by its habit, and a theme of Chi bộ 1 some days ago."""
    deputies.name(
        past.session,
        past.secretary("Chi bộ 1", past.now - 190 * DAY),
        past.person(ELDER).id,
        past.person(DEPUTY).id,
        now=past.now - 190 * DAY,
    )
    for branch, habit in HABITS.items():
        for starts, sitting in zip(_days(habit, past.now), habit.sittings, strict=True):
            evening = Evening(past, branch, MeetingKind.REGULAR, starts, sitting)
            evening.passes()
            last = sitting is habit.sittings[-1]
            if branch == "Chi bộ 1" and last:
                evening.is_rated()
                evening.is_scored()
            if branch == "Chi bộ 2" and last:
                evening.somebody_asks_to_be_entered()
            else:
                evening.minutes_are_sent(starts + DAY)
                evening.minutes_are_confirmed(starts + 2 * DAY, evening.chair, evening.writer)
            if branch == "Chi bộ 1" and sitting is habit.sittings[-2]:
                evening.minutes_are_mended()
    _theme(past)


def _theme(past: Past) -> None:
    """The thematic meeting: its minutes wait for the chair."""
    starts = (past.now - 5 * DAY).replace(hour=19, minute=0)
    evening = Evening(past, "Chi bộ 1", MeetingKind.THEMATIC, starts, script.THEMATIC)
    evening.passes()
    evening.is_rated()
    evening.somebody_was_there_to_the_end()
    sent = past.now - 14 * HOUR
    evening.minutes_are_sent(sent)
    evening.minutes_are_confirmed(sent + 2 * HOUR, evening.writer)


def _days(habit: Habit, now: datetime) -> Sequence[datetime]:
    """When a branch has met: as often as there is something to tell."""
    pattern = habit.pattern or Pattern(day=now.day)
    plan = series.Plan(0, MeetingKind.REGULAR, pattern, habit.clock, habit.place)
    dates = series.next_dates(plan, zone=ZONE, now=now - 190 * DAY, count=8)
    found = [each.starts_at.astimezone(ZoneInfo(ZONE)) for each in dates]
    held = [each for each in found if each < now - 3 * DAY]
    return held[-len(habit.sittings) :]


def called(
    past: Past, branch: str, kind: MeetingKind, starts: datetime, *, days: int
) -> tuple[Meeting, Actor]:
    """A meeting called so many days before, with the usual agenda; and its secretary."""
    then = (starts - days * DAY).replace(hour=10, minute=0)
    secretary = past.secretary(branch, then)
    meeting = meetings.call(
        past.session,
        secretary,
        Plan(past.unit(branch).id, kind, starts, HABITS[branch].place),
        token=f"demo-{branch}-{starts:%Y%m%d}",
        quiet=QUIET,
        now=then,
    )
    reader = Reader(zone=ZONE, profile=PROFILE)
    items = [Item(reader.plain(each.title), each.content, each.minutes) for each in TEMPLATES[kind]]
    agenda.fill(past.session, secretary, meeting.id, items)
    writer = past.person(HABITS[branch].writes)
    part = chairing.Part.MINUTES
    chairing.name(past.session, secretary, meeting.id, part, writer.id, now=then)
    return meeting, secretary


def seats(past: Past, meeting_id: int) -> list[tuple[Seat, Person]]:
    """Everybody convened, in the order of the roll."""
    found = past.session.exec(
        select(Seat, Person)
        .join(Person, col(Person.id) == Seat.person_id)
        .where(Seat.meeting_id == meeting_id)
        .order_by(col(Seat.id))
        .execution_options(populate_existing=True)  # taps go past the objects
    )
    return [(seat, person) for seat, person in found]


class Evening:
    """One meeting of the past, from its invitation to its minutes."""

    def __init__(
        self, past: Past, branch: str, kind: MeetingKind, starts: datetime, sitting: Sitting
    ) -> None:
        self.past, self.session, self.dice = past, past.session, past.dice
        self.branch, self.starts, self.sitting = branch, starts, sitting
        meeting, self.chair = called(past, branch, kind, starts, days=5)
        self.id = meeting.id
        self.writer = past.named(HABITS[branch].writes, starts)
        self.rich = branch == "Chi bộ 1"

    def passes(self) -> None:
        """What every meeting has: leave, the roll, the session, the conclusion."""
        self._somebody_is_excused()
        self._roll_is_taken()
        self._session_is_led()
        attendance.conclude(
            self.session, self.chair, self.id, self.sitting.conclusion, now=self.ended
        )

    # -- before --------------------------------------------------------------------------------

    def _somebody_is_excused(self) -> None:
        """One of those with an account asks leave, and gets it."""
        asked = self.starts - 2 * DAY
        seat, person = self.dice.choice(
            [
                (seat, person)
                for seat, person in seats(self.past, self.id)
                if person.consented_at is not None and self._may_be_busy(person)
            ]
        )
        reason = self.dice.choice(meetings.REASONS)
        actor = self.past.actor(person, asked)
        meetings.ask_leave(
            self.session, actor, self.id, reason, revision=0, quiet=QUIET, now=asked
        )
        later = asked + 2 * HOUR
        meetings.decide(self.session, self.chair, seat.id, seat.requests, approve=True, now=later)

    # -- in the room ---------------------------------------------------------------------------

    def _roll_is_taken(self) -> None:
        """Those with an account tap, the others are entered; the last to come is late."""
        opened = self.starts - 10 * MINUTE
        attendance.open_roll(self.session, self.chair, self.id, profile=PROFILE, now=opened)
        tapped = []
        for seat, person in seats(self.past, self.id):
            if self._stays_away(seat, person):
                continue
            came = opened + timedelta(seconds=self.dice.randrange(60, 840))
            if person.consented_at is not None:
                tapped.append((person, came))
            elif person.full_name == ELDER:
                deputy = self.past.named(DEPUTY, came)
                attendance.mark_for(self.session, deputy, self.id, person.id, now=came)
            else:
                attendance.enter(
                    self.session,
                    self.chair,
                    self.id,
                    seat.id,
                    Presence.PRESENT,
                    paper=person.telegram_id is None,
                    now=came,
                )
        late = self.dice.choice([person for person, _came in tapped if self._may_be_busy(person)])
        for person, came in tapped:
            moment = self.starts + 17 * MINUTE if person is late else came
            actor = self.past.actor(person, moment)
            attendance.tap(self.session, actor, self.id, now=moment)
        closed = self.starts + 20 * MINUTE
        attendance.close(self.session, self.chair, self.id, now=closed)
        self.came = [
            (seat, person)
            for seat, person in seats(self.past, self.id)
            if seat.present_at is not None
        ]

    def _stays_away(self, seat: Seat, person: Person) -> bool:
        if seat.leave is not None:
            return True
        return self._may_be_busy(person) and self.dice.random() < self.sitting.away

    def _may_be_busy(self, person: Person) -> bool:
        """Who leads is there from the beginning to the end, and so are an elder and her deputy."""
        return person.full_name in self.past.ordinary - {DEPUTY, ELDER}

    def _session_is_led(self) -> None:
        """Point after point; resolutions in the last ones, and once a show of hands."""
        moment = self.starts + self.dice.randrange(0, 6) * MINUTE
        agenda.begin(self.session, self.chair, self.id, now=moment)
        order = list(agenda.points(self.session, self.id))
        for point in order[:-1]:
            took = (point.planned or 5) * self.sitting.pace * self.dice.uniform(0.85, 1.2)
            moment += max(2, round(took)) * MINUTE
            agenda.done(self.session, self.chair, point.id, now=moment)
        self._hands_are_shown(moment)
        self._things_are_resolved(moment)
        if self.rich:
            self._somebody_leaves(moment - 20 * MINUTE)
        self.ended = moment + 5 * MINUTE
        agenda.end(self.session, self.chair, self.id, now=self.ended)

    def _somebody_leaves(self, moment: datetime) -> None:
        there = [seat for seat, person in self._with_account() if self._may_be_busy(person)]
        seat = self.dice.choice([each for each in there if not each.late])
        attendance.mark_left(self.session, self.chair, self.id, seat.id, left=True, now=moment)

    def _hands_are_shown(self, moment: datetime) -> None:
        if not self.rich or self.sitting is not HABITS[self.branch].sittings[-1]:
            return
        began = moment - 10 * MINUTE
        poll = polls.hold(
            self.session,
            self.chair,
            self.id,
            script.POLL,
            (),
            minutes=5,
            live=False,
            token=f"demo-poll-{self.id}",
            quiet=QUIET,
            now=began,
        )
        for number, (_seat, person) in enumerate(self._with_account()):
            actor, choice = self.past.actor(person, began), int(number % 4 == 3)
            polls.answer(self.session, actor, poll.id, choice, now=began + MINUTE)
        polls.close(self.session, self.chair, poll.id, now=began + 3 * MINUTE)

    def _things_are_resolved(self, moment: datetime) -> None:
        for number, each in enumerate(self.sitting.resolved):
            due = (moment + each.days * DAY).date()
            task = tasks.give(
                self.session,
                self.chair,
                self.id,
                each.text,
                self.past.person(each.owner).id,
                due,
                token=f"demo-task-{self.id}-{number}",
                quiet=QUIET,
                now=moment,
            )
            if each.proof:
                done = moment + (each.days - 3) * DAY
                owner = self.past.named(each.owner, done)
                tasks.done(self.session, owner, task.id, each.proof, quiet=QUIET, now=done)

    def _with_account(self) -> list[tuple[Seat, Person]]:
        return [(seat, each) for seat, each in self.came if each.consented_at is not None]

    # -- afterwards ----------------------------------------------------------------------------

    def is_rated(self) -> None:
        """Some of those who were there rate it, without their names."""
        moment = self.ended + HOUR
        for (_seat, person), taps in zip(self._with_account(), TAPS, strict=False):
            actor, paper = self.past.actor(person, moment), rating.paper(self.session, self.id)
            rating.rate(self.session, actor, PROFILE, self.id, paper, taps, now=moment)

    def is_scored(self) -> None:
        """The committee proposes points, those present agree or comment, the committee agrees."""
        moment = self.ended + DAY
        found = quality.scored(
            self.session, PROFILE, self.session.get_one(Meeting, self.id)
        )
        for each in found.given:
            if each.criterion is not Criterion.ATTENDANCE:
                self._gets(each.criterion, each.most - 1, moment)
        quality.ask(self.session, self.chair, PROFILE, self.id, quiet=QUIET, now=moment)
        for number, (_seat, person) in enumerate(self._with_account()[2:9]):
            actor, comment = self.past.actor(person, moment), None if number else script.COMMENT
            quality.answer(self.session, actor, self.id, 0, comment, now=moment + HOUR)
        agreed = moment + DAY
        quality.agree(self.session, self.chair, PROFILE, self.id, 0, quiet=QUIET, now=agreed)

    def _gets(self, criterion: Criterion, points: int, moment: datetime) -> None:
        quality.propose(
            self.session, self.chair, PROFILE, self.id, criterion, points, now=moment
        )

    def somebody_asks_to_be_entered(self) -> None:
        """The morning after: they were there, they say; nobody has decided."""
        asked = self.ended + 12 * HOUR
        _seat, person = next(
            (seat, person)
            for seat, person in seats(self.past, self.id)
            if seat.present_at is None and person.consented_at is not None
        )
        attendance.ask_correction(
            self.session, self.past.actor(person, asked), self.id, quiet=QUIET, now=asked
        )

    def somebody_was_there_to_the_end(self) -> None:
        """Who is written down as having left says otherwise, and is believed."""
        asked = self.ended + 12 * HOUR
        _seat, person = next(
            (seat, person) for seat, person in self._with_account() if seat.left_at is not None
        )
        request = attendance.ask_correction(
            self.session,
            self.past.actor(person, asked),
            self.id,
            wrong=Wrong.LEFT,
            quiet=QUIET,
            now=asked,
        )
        attendance.decide_correction(
            self.session, self.chair, request.id, granted=True, now=asked + HOUR
        )

    def minutes_are_sent(self, moment: datetime) -> None:
        """The two who sign are asked."""
        minutes.send(
            self.session, self.chair, self.id, profile=PROFILE, quiet=QUIET, now=moment
        )

    def minutes_are_confirmed(self, moment: datetime, *by: Actor) -> None:
        """They are final once both have confirmed them."""
        for actor in by:
            asked = self.session.exec(
                select(Confirmation).where(
                    Confirmation.meeting_id == self.id, Confirmation.person_id == actor.person_id
                )
            ).one()
            minutes.confirm(self.session, actor, asked.id, profile=PROFILE, now=moment)

    def minutes_are_mended(self) -> None:
        """A slip that was found when the minutes were final."""
        found = self.starts + 6 * DAY
        minutes.correct(self.session, self.chair, self.id, script.ERRATUM, now=found)
