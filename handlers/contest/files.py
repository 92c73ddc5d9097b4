"""What is taken away: the protocol of a round for the committee, the certificate for a winner."""

from __future__ import annotations

import io
from collections.abc import Callable
from zoneinfo import ZoneInfo

from handlers.contest import picture
from handlers.contest.results import has_prize
from handlers.contest.showing import limits, order_line, placed, round_line, took
from handlers.kit import Talk, maker
from handlers.text import Day, Reader, Text, Words, _
from storage import contest
from storage.contest import Line, Results, UnitResult
from storage.errors import NotFound
from storage.roster import Unit
from storage.sheets import Cell, Percent, Sheet, write_xlsx


@maker("contest_protocol", power="campaign.see")
def protocol(talk: Talk, round_id: int) -> Callable[[], bytes]:
    """The rules, everybody's result in order, the units."""
    found = contest.take_away(talk.session, talk.actor, round_id, now=talk.now)
    sheets = [_people(found, talk.reader), _rules(found, talk.reader)]
    if found.units:
        sheets.insert(1, _units(found, talk.reader))

    def build() -> bytes:
        target = io.BytesIO()
        write_xlsx(target, sheets)
        return target.getvalue()

    return build


def _people(found: Results, reader: Reader) -> Sheet:
    header = (
        _("Place"),
        _("Full name"),
        _("Unit"),
        _("Right"),
        _("Questions"),
        _("Off by"),
        _("Time taken"),
        _("Handed in"),
        _("Prize"),
    )
    rows = [_row(found, each, reader) for each in found.lines]
    return _sheet(_("Results"), header, rows, reader)


def _row(found: Results, line: Line, reader: Reader) -> list[Cell]:
    result = line.result
    ended = result.ended_at.astimezone(ZoneInfo(found.contest.zone))
    return [
        result.place,
        line.person.full_name if line.person else None,
        line.unit.name,
        result.right,
        result.of,
        result.off if found.contest.predicts else None,
        took(result.seconds),
        f"{ended:%d/%m/%Y %H:%M:%S}",
        reader.plain(_("yes")) if has_prize(found.contest, result) else None,
    ]


def _units(found: Results, reader: Reader) -> Sheet:
    header = (
        _("Place by share"),
        _("Unit"),
        _("Members"),
        _("Took part"),
        _("Share"),
        _("Place by improvement"),
        _("Prize"),
    )
    rows: list[list[Cell]] = [
        [
            row.place,
            unit.name,
            row.members,
            row.took_part,
            Percent(row.took_part / row.members) if row.members else None,
            row.gain_place,
            reader.plain(_("yes")) if _unit_prize(found, row) else None,
        ]
        for unit, row in found.units
    ]
    return _sheet(_("Units"), header, rows, reader)


def _unit_prize(found: Results, row: UnitResult) -> bool:
    """By either ranking: a branch that is small wins the one, one that has improved the other."""
    return any(
        place is not None and place <= found.contest.unit_places
        for place in (row.place, row.gain_place)
    )


def _rules(found: Results, reader: Reader) -> Sheet:
    made, round_ = found.contest, found.round
    lines: list[Words] = [
        made.name,
        round_line(made, round_),
        limits(made),
        order_line(made),
        _("{n} took part, {perfect} all correct.", n=round_.took_part or 0,
          perfect=round_.perfect or 0),
        _("Seal of the results: {seal}", seal=round_.seal or ""),
    ]  # fmt: skip
    name = _("How it was ranked")
    return _sheet(name, (name,), [[reader.plain(each)] for each in lines], reader)


def _sheet(name: Text, header: tuple[Text, ...], rows: list[list[Cell]], reader: Reader) -> Sheet:
    return Sheet(reader.plain(name), [reader.plain(each) for each in header], rows)


@maker("contest_certificate", power="study.own")
def certificate(talk: Talk, round_id: int) -> Callable[[], bytes]:
    """One's own, of a place with a prize; nobody else's."""
    found = contest.results(talk.session, talk.actor, round_id)
    mine = contest.result_of(talk.session, talk.actor, round_id)
    if mine is None or not has_prize(found.contest, mine):
        raise NotFound
    say = talk.reader.plain
    unit = talk.session.get_one(Unit, found.contest.unit_id)
    own = talk.session.get_one(Unit, mine.unit_id)
    closed = found.round.closes_at.astimezone(ZoneInfo(found.contest.zone)).date()
    drawn = picture.Certificate(
        above=unit.name,
        title=say(_("CERTIFICATE")),
        given=say(_("is given to comrade")),
        name=talk.person.full_name,
        unit=own.name,
        lines=(
            say(_("for {place} in round {n}", place=placed(mine), n=found.round.number)),
            found.contest.name,
            say(_("{right}/{of} correct", right=mine.right, of=mine.of)),
        ),
        below=say(_("Round closed on {day}", day=Day(closed, dated=True))),
        mark=(found.round.seal or "")[:12],
    )
    return lambda: picture.draw(drawn)
