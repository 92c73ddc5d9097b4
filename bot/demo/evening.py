"""One meeting of the town's past: called, attended, led and concluded."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import col, select

from bot.demo import script
from bot.demo.past import PROFILE, QUIET, Past
from bot.demo.script import HABITS, Sitting
from storage import agenda, attendance, chairing, meetings, polls, tasks
from storage.attendance import Presence
from storage.meetings import Meeting, MeetingKind, Plan, Seat
from storage.powers import Actor
from storage.roster import Person

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ELDER, DEPUTY = "Cao Minh Nhật", "Vũ Thị Ngọc Lan"
DEPUTISED = 40 * DAY  # ago: since then she may answer for him


def called(
    past: Past, branch: str, kind: MeetingKind, starts: datetime, *, days: int
) -> tuple[Meeting, Actor]:
    """A meeting called so many days before, with its agenda; and the secretary."""
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
    items = script.OF_THE_THEME if kind is MeetingKind.THEMATIC else HABITS[branch].agenda
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
        meetings.ask_leave(self.session, actor, self.id, reason, revision=0, quiet=QUIET, now=asked)
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
            elif person.full_name == ELDER and came > self.past.now - DEPUTISED:
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
        if self.sitting is HABITS["Chi bộ 1"].sittings[-1]:
            self._hands_are_shown(moment)
        self._things_are_resolved(moment)
        if self.branch == "Chi bộ 1":
            self._somebody_leaves(moment - 20 * MINUTE)
        self.ended = moment + 5 * MINUTE
        agenda.end(self.session, self.chair, self.id, now=self.ended)

    def _somebody_leaves(self, moment: datetime) -> None:
        there = [seat for seat, person in self.with_account() if self._may_be_busy(person)]
        seat = self.dice.choice([each for each in there if not each.late])
        attendance.mark_left(self.session, self.chair, self.id, seat.id, left=True, now=moment)

    def _hands_are_shown(self, moment: datetime) -> None:
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
        for number, (_seat, person) in enumerate(self.with_account()):
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

    def with_account(self) -> list[tuple[Seat, Person]]:
        return [(seat, each) for seat, each in self.came if each.consented_at is not None]
