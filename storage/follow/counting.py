"""The figures of a campaign, counted: by person, by lesson, by question.

A quiz counts with the best attempt of each person; a question is called hard by its first answers,
for later ones know what was right.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage import campaigns
from storage.bank import Figures, Item
from storage.campaigns import Campaign, Lesson, LessonItem, Progress, QuizAnswer, QuizRun
from storage.campaigns.rules import passed
from storage.roster import Person

ENOUGH = 3  # first answers to a question, before it is called hard
HARDEST = 5  # questions that are named

Best = dict[tuple[int, int], tuple[int, int]]  # person and lesson: score, total

# -- values ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Learner:
    """How far one person is with the lessons that are open."""

    person: Person
    opened: int
    done: int
    of: int
    scores: tuple[float, ...]  # the best result of each quiz they took, on a scale of 10

    @property
    def started(self) -> bool:
        """Whether they have taken part at all."""
        return bool(self.opened or self.done)

    @property
    def finished(self) -> bool:
        """Whether all that is open is done."""
        return self.of > 0 and self.done == self.of

    @property
    def average(self) -> float | None:
        """Of their best results."""
        return sum(self.scores) / len(self.scores) if self.scores else None


@dataclass(slots=True)
class Tally:
    """The figures of some people."""

    people: int = 0
    started: int = 0
    finished: int = 0
    done: int = 0  # lessons
    of: int = 0
    scores: list[float] = field(default_factory=list)

    def add(self, learner: Learner) -> None:
        """Counts one person more."""
        self.people += 1
        self.started += learner.started
        self.finished += learner.finished
        self.done += learner.done
        self.of += learner.of
        self.scores += learner.scores

    @property
    def average(self) -> float | None:
        """Of everybody's best results."""
        return sum(self.scores) / len(self.scores) if self.scores else None


@dataclass(frozen=True, slots=True)
class LessonFigures:
    """What has come of one lesson; `taken` is how many have finished its quiz."""

    lesson: Lesson
    done: int
    quiz: bool
    taken: int
    passed: int
    average: float | None


@dataclass(frozen=True, slots=True)
class HardPoint:
    """A question, and how many of the first answers to it were wrong."""

    lesson: Lesson
    place: int | None  # among the lesson's own; None: it came by its topic
    figures: Figures

    @property
    def question(self) -> Item:
        """What was asked."""
        return self.figures.item

    @property
    def answers(self) -> int:
        """How many people have answered it."""
        return self.figures.asked

    @property
    def wrong(self) -> int:
        """How many of them did not know."""
        return self.figures.asked - self.figures.right

    @property
    def share(self) -> float:
        """The wrong ones among them, in percent."""
        return 100 * self.wrong / self.answers


# -- rules -------------------------------------------------------------------------------------


def percent(part: int, whole: int) -> float:
    """ "71,4": one digit after the comma; 0 of nothing."""
    return round(100 * part / whole, 1) if whole else 0.0


# -- questions ----------------------------------------------------------------------------------


def best(session: Session, lessons: Sequence[Lesson], ids: Collection[int]) -> Best:
    """Everybody's best attempt at each quiz."""
    runs = session.exec(
        select(QuizRun.person_id, QuizRun.lesson_id, QuizRun.score, QuizRun.total)
        .where(col(QuizRun.lesson_id).in_([each.id for each in lessons]))
        .where(col(QuizRun.finished_at).is_not(None), QuizRun.total > 0)
    ).all()
    found: Best = {}
    for person_id, lesson_id, score, of in runs:
        held = found.get((person_id, lesson_id))
        if person_id in ids and (held is None or score * held[1] > held[0] * of):
            found[person_id, lesson_id] = (score, of)
    return found


def learners(
    session: Session, people: Iterable[Person], lessons: Sequence[Lesson], results: Best
) -> list[Learner]:
    """How far each of the people is."""
    rows = session.exec(
        select(
            Progress.person_id,
            func.count(col(Progress.opened_at)),
            func.count(col(Progress.done_at)),
        )
        .where(col(Progress.lesson_id).in_([each.id for each in lessons]))
        .group_by(col(Progress.person_id))
    ).all()
    progress = {person_id: (opened, done) for person_id, opened, done in rows}
    scores: dict[int, list[float]] = defaultdict(list)
    for (person_id, _lesson_id), (score, of) in results.items():
        scores[person_id].append(10 * score / of)
    return [
        Learner(each, *progress.get(each.id, (0, 0)), len(lessons), tuple(scores[each.id]))
        for each in people
    ]


def lessons(
    session: Session,
    campaign: Campaign,
    of_campaign: Sequence[Lesson],
    ids: Collection[int],
    results: Best,
) -> list[LessonFigures]:
    """What has come of each lesson."""
    numbers = [each.id for each in of_campaign]
    rows = session.exec(
        select(Progress.lesson_id, Progress.person_id)
        .where(col(Progress.lesson_id).in_(numbers))
        .where(col(Progress.done_at).is_not(None))
    ).all()
    done = Counter(number for number, person in rows if person in ids)
    taken: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (_person, number), result in results.items():
        taken[number].append(result)
    found = []
    for lesson in of_campaign:
        own = taken[lesson.id]
        scores = [10 * score / of for score, of in own]
        found.append(
            LessonFigures(
                lesson,
                done[lesson.id],
                campaigns.has_quiz(session, lesson.id),
                len(own),
                sum(passed(score, of, campaign.passing) for score, of in own),
                sum(scores) / len(scores) if scores else None,
            )
        )
    return found


def hardest(session: Session, lessons: Sequence[Lesson], ids: Collection[int]) -> list[HardPoint]:
    """By the share of wrong answers among everybody's first: later ones know what was right."""
    known = {each.id: each for each in lessons}
    found = [
        each
        for each in campaigns.among(session, known, ids)
        if each.asked >= ENOUGH and each.right < each.asked
    ]
    asked = _asked_in(session, known, [each.item.id for each in found])
    points = [
        HardPoint(known[lesson_id], place, each)
        for each in found
        for lesson_id, place in [asked[each.item.id]]
    ]
    points.sort(key=lambda each: (-each.share, each.lesson.place or 0, each.place or 0))
    return points[:HARDEST]


def _asked_in(
    session: Session, known: Collection[int], items: Collection[int]
) -> dict[int, tuple[int, int | None]]:
    """By question, the lesson that asks it, and the place that it has there of its own."""
    drawn = session.exec(
        select(QuizAnswer.item_id, func.min(QuizRun.lesson_id))
        .join(QuizRun, col(QuizRun.id) == QuizAnswer.run_id)
        .where(col(QuizRun.lesson_id).in_(known), col(QuizAnswer.item_id).in_(items))
        .group_by(col(QuizAnswer.item_id))
    ).all()
    own = session.exec(
        select(LessonItem.item_id, LessonItem.lesson_id, LessonItem.place)
        .where(col(LessonItem.lesson_id).in_(known), col(LessonItem.item_id).in_(items))
        .order_by(col(LessonItem.lesson_id).desc())
    ).all()
    found: dict[int, tuple[int, int | None]] = {item: (lesson, None) for item, lesson in drawn}
    return found | {item: (lesson, place) for item, lesson, place in own}
