"""How a score comes about: proposed, asked, agreed, confirmed.

The committee proposes points, whoever was present is asked once a round and may agree or comment
until the committee has agreed, and the committee above confirms; from then on nothing changes. A
proposal that is changed after members were asked begins a new round. Where no unit is above, the
committee's own agreement is the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from storage import audit, outbox
from storage.acts import Did
from storage.db import upsert
from storage.errors import Refusal
from storage.folding import clean_text
from storage.meetings import Meeting, MeetingState, managed
from storage.outbox import Class, to_person
from storage.powers import COMMITTEE, Actor
from storage.quality.scoring import Scored, above, check_points, own, present_at, scored, sheet_of
from storage.quality.tables import Criterion, Opinion, Points, Sheet, SheetState
from storage.quiet import Quiet
from storage.roster import holders, unit_lineage

ASKED = "score.asked"  # to those who were present
TO_CONFIRM = "score.confirm"  # to the committee above
OPEN = timedelta(days=14)  # a question that has not left by then is not worth asking
UNDO = timedelta(seconds=60)  # for what goes to many
COMMENT_LIMIT = 1000


def check_comment(text: str) -> str:
    """A comment as it is stored."""
    tidy = clean_text(text)
    if not tidy:
        raise Refusal("Please write the comment in words.")
    if len(tidy) > COMMENT_LIMIT:
        raise Refusal("A comment takes at most {limit} letters.", limit=COMMENT_LIMIT)
    return tidy


def subject(meeting_id: int) -> str:
    """What notices call the score of a meeting."""
    return f"score:{meeting_id}"


# -- actions: the committee --------------------------------------------------------------------


def propose(
    session: Session,
    actor: Actor,
    profile: str,
    meeting_id: int,
    criterion: Criterion,
    points: int,
    *,
    now: datetime,
) -> Scored:
    """Sets the points of one criterion. Changed after members were asked, they are asked anew."""
    meeting = _scored(session, actor, meeting_id)
    sheet = sheet_of(session, meeting) or Sheet(meeting_id=meeting.id)
    before = scored(session, profile, meeting).of(criterion)
    check_points(points, before.most)
    if sheet.state == SheetState.CONFIRMED:
        raise Refusal("This score is confirmed; it cannot be changed any more.")
    if before.points == points and not before.counted:
        return scored(session, profile, meeting)
    if sheet.state != SheetState.PROPOSED and before.points != points:
        sheet.state, sheet.round = SheetState.PROPOSED, sheet.round + 1
        outbox.cancel(session, subject(meeting.id))
    session.add(sheet)
    session.flush()
    _write(session, sheet, {criterion: (points, before.most)})
    audit.record(
        session,
        actor,
        Did.SCORE_PROPOSE,
        meeting.about,
        now=now,
        criterion=criterion.value,
        was=before.points,
        became=points,
    )
    return scored(session, profile, meeting)


def ask(
    session: Session, actor: Actor, profile: str, meeting_id: int, *, quiet: Quiet, now: datetime
) -> Scored:
    """Asks everybody who was present; asking twice in a round is asking once."""
    meeting = _scored(session, actor, meeting_id)
    found, sheet = scored(session, profile, meeting), sheet_of(session, meeting)
    if sheet is not None and sheet.state != SheetState.PROPOSED:
        return found
    if found.total is None or sheet is None:
        raise Refusal("Please give points for everything first.")
    for each in found.given:
        check_points(each.points or 0, each.most)
    _write(session, sheet, {each.criterion: (each.points or 0, each.most) for each in found.given})
    sheet.state, sheet.asked_by, sheet.asked_at = SheetState.ASKED, actor.person_id, now
    session.add(sheet)
    session.flush()
    at = now + UNDO
    outbox.enqueue(
        session,
        ASKED,
        subject(meeting.id),
        [
            {**to_person(person.id), "due_at": quiet.for_person(person, at)}
            for person in present_at(session, meeting)
            if person.telegram_id is not None
        ],
        klass=Class.ONCE,
        revision=sheet.round,
        valid_until=now + OPEN,
        now=now,
    )
    about, total = meeting.about, found.total
    audit.record(session, actor, Did.SCORE_ASK, about, now=now, round=sheet.round, total=total)
    return scored(session, profile, meeting)


def recall(
    session: Session, actor: Actor, profile: str, meeting_id: int, round_: int, *, now: datetime
) -> Scored:
    """Takes the question back within its minute; later, or done already, it changes nothing."""
    meeting = _scored(session, actor, meeting_id)
    sheet = sheet_of(session, meeting)
    asked = sheet is not None and sheet.state == SheetState.ASKED and sheet.round == round_
    if sheet is not None and asked and sheet.asked_at is not None and now < sheet.asked_at + UNDO:
        sheet.state, sheet.round = SheetState.PROPOSED, sheet.round + 1
        session.add(sheet)
        session.flush()
        outbox.cancel(session, subject(meeting.id))
        audit.record(session, actor, Did.SCORE_RECALL, meeting.about, now=now, round=round_)
    return scored(session, profile, meeting)


def agree(
    session: Session,
    actor: Actor,
    profile: str,
    meeting_id: int,
    round_: int,
    *,
    quiet: Quiet,
    now: datetime,
) -> Scored:
    """The committee agrees, having heard the members; the committee above is asked to confirm."""
    meeting = _scored(session, actor, meeting_id)
    found, sheet = scored(session, profile, meeting), sheet_of(session, meeting)
    if sheet is None or sheet.state == SheetState.PROPOSED or sheet.round != round_:
        raise Refusal("Please ask those who were present first.")
    if sheet.state != SheetState.ASKED:
        return found
    over = unit_lineage(session, meeting.unit_id)[:-1]
    sheet.agreed_by, sheet.agreed_at = actor.person_id, now
    sheet.state = SheetState.AGREED if over else SheetState.CONFIRMED
    sheet.grade = None if over else found.grade
    session.add(sheet)
    session.flush()
    outbox.cancel(session, subject(meeting.id), kind=ASKED)
    audit.record(session, actor, Did.SCORE_AGREE, meeting.about, now=now, total=found.total)
    _tell_above(session, meeting, over, sheet.round, quiet=quiet, now=now)
    return scored(session, profile, meeting)


def confirm(
    session: Session, actor: Actor, profile: str, meeting_id: int, round_: int, *, now: datetime
) -> Scored:
    """The committee above confirms the round that it has seen; from then on nothing changes."""
    meeting = above(session, actor, meeting_id)
    session.refresh(meeting, with_for_update=True)
    found, sheet = scored(session, profile, meeting), sheet_of(session, meeting)
    stands = sheet is not None and sheet.round == round_
    if sheet is None or not stands or sheet.state in (SheetState.PROPOSED, SheetState.ASKED):
        raise Refusal("The committee is working on this score again; nothing was confirmed.")
    if sheet.state == SheetState.CONFIRMED:
        return found
    sheet.state, sheet.grade = SheetState.CONFIRMED, found.grade
    sheet.confirmed_by, sheet.confirmed_at = actor.person_id, now
    session.add(sheet)
    session.flush()
    audit.record(session, actor, Did.SCORE_CONFIRM, meeting.about, now=now, total=found.total)
    return scored(session, profile, meeting)


# -- actions: who was present ------------------------------------------------------------------


def answer(
    session: Session,
    actor: Actor,
    meeting_id: int,
    round_: int,
    comment: str | None,
    *,
    now: datetime,
) -> bool:
    """Agrees, or comments; what was said before gives way. False when that round is over."""
    meeting = own(session, actor, meeting_id)
    session.refresh(meeting, with_for_update=True)
    sheet = sheet_of(session, meeting)
    if sheet is None or sheet.state != SheetState.ASKED or sheet.round != round_:
        return False
    values = {"comment": None if comment is None else check_comment(comment), "at": now}
    session.execute(
        upsert(session, Opinion)
        .values(sheet_id=sheet.id, round=round_, person_id=actor.person_id, **values)
        .on_conflict_do_update(index_elements=["sheet_id", "round", "person_id"], set_=values)
    )
    return True


# -- parts -------------------------------------------------------------------------------------


def _scored(session: Session, actor: Actor, meeting_id: int) -> Meeting:
    """A meeting whose roll is closed, locked, for the committee that scores it."""
    meeting = managed(session, actor, meeting_id, power="score.propose")
    if meeting.state != MeetingState.CLOSED:
        raise Refusal("Please close check-in first.")
    return meeting


def _write(session: Session, sheet: Sheet, given: Mapping[Criterion, tuple[int, int]]) -> None:
    insert = upsert(session, Points)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["sheet_id", "criterion"],
            set_={"points": insert.excluded.points, "most": insert.excluded.most},
        ),
        [
            {"sheet_id": sheet.id, "criterion": criterion.value, "points": points, "most": most}
            for criterion, (points, most) in given.items()
        ],
    )


def _tell_above(
    session: Session,
    meeting: Meeting,
    lineage: tuple[int, ...],
    round_: int,
    *,
    quiet: Quiet,
    now: datetime,
) -> None:
    """Owes the nearest committee above the sheet that it is to confirm."""
    today = now.astimezone(ZoneInfo(meeting.zone)).date()
    nearest = (holders(session, unit_id, COMMITTEE, today=today) for unit_id in reversed(lineage))
    people = next((each for each in nearest if each), [])
    outbox.enqueue(
        session,
        TO_CONFIRM,
        subject(meeting.id),
        [
            {**to_person(person.id), "due_at": quiet.for_person(person, now)}
            for person in people
            if person.telegram_id is not None
        ],
        klass=Class.ONCE,
        revision=round_,
        now=now,
    )
