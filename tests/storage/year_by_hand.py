"""The table of the year, counted by hand from the script: slowly, meeting by meeting, line by line.

It is here to disagree with the product: it knows the rules of docs and nothing of `storage`. Run
by itself it writes the reference anew, for somebody to read:

    python -m tests.storage.year_by_hand > tests/storage/year_reference.csv
"""

from __future__ import annotations

import csv
import sys
from datetime import date, timedelta
from fractions import Fraction

from tests.storage import year_script as script
from tests.storage.year_script import Comrade, Gathering

HEADER = (
    *("unit", "who", "month", "regular", "thematic", "convened", "present", "rate"),
    *("excused", "business", "illness", "family", "other", "unexcused", "undecided", "exempt"),
    *("late", "left", "timed", "short", "minutes", "missed"),
)
LEAST = 90  # minutes
NOT_CONVENED = ("liaison", "candidate")
Line = dict[str, str]


def on_roll(comrade: Comrade, branch: int, day: date) -> bool:
    """Whether somebody belongs to a branch on a day."""
    return any(where == branch and since <= day < until for where, since, until in comrade.stays)


def stood(gathering: Gathering, comrade: Comrade) -> tuple[str, str, bool, bool]:
    """How somebody stands on the roll at the end: the state, the reason, late, left early."""
    leave, reason, present, late, left = "", "", False, False, False
    moved_on = gathering.called + timedelta(days=2)
    for act in script.story(gathering, comrade):
        at = script.moment(gathering, act)
        if act.what == "mend" and gathering.locked:
            continue
        if not on_roll(comrade, gathering.branch, at.date()) and at < gathering.starts:
            continue  # who is not on the roll can ask for nothing
        if gathering.moved_to and at < moved_on:
            continue  # said about another day
        match act.what:
            case "ask":
                leave, reason = "pending", act.reason
            case "grant":
                leave = "granted" if leave else ""
            case "refuse":
                leave = "refused" if leave else ""
            case "withdraw":
                leave, reason = "", ""
            case "tap":
                present, late = True, act.after > script.GRACE
            case "mark" | "accept" | "mend":
                present = True
            case "leave":
                left = True
            case "excuse":
                present, leave = False, "granted"
            case "strike":
                present, leave = False, "refused" if leave else ""
            case "plead" | "deny":
                pass
    if present:
        return "present", "", late, left
    if comrade.kind == "exempt" or gathering.starts.date() >= comrade.exempt_from:
        return "exempt", "", False, False
    if leave == "granted":
        named = reason if reason in ("business", "illness", "family") else "other"
        return "excused", named, False, False
    if leave == "pending" and not gathering.locked:
        return "undecided", "", False, False
    return "unexcused", "", False, False


def tally(pairs: list[tuple[Gathering, Comrade]], held: list[Gathering], reasons: bool) -> Line:
    """One line: these people in these meetings."""
    states = [stood(gathering, comrade) for gathering, comrade in pairs]
    number = {
        name: sum(state == name for state, *_rest in states)
        for name in ("present", "excused", "unexcused", "undecided", "exempt")
    }
    convened = len(states) - number["exempt"]
    line = {name: str(count) for name, count in number.items()}
    line["convened"] = str(convened)
    line["rate"] = one_decimal(Fraction(100 * number["present"], convened)) if convened else ""
    line["late"] = str(sum(late for _state, _reason, late, _left in states))
    line["left"] = str(sum(left for _state, _reason, _late, left in states))
    line["regular"] = str(sum(gathering.kind == "regular" for gathering in held))
    line["thematic"] = str(sum(gathering.kind == "thematic" for gathering in held))
    for reason in ("business", "illness", "family", "other"):
        count = sum(said == reason for _state, said, _late, _left in states)
        line[reason] = str(count) if reasons else ""
    return line


def durations(held: list[Gathering]) -> Line:
    lasted = [gathering.minutes for gathering in held if gathering.minutes is not None]
    return {
        "timed": str(len(lasted)),
        "short": str(sum(minutes < LEAST for minutes in lasted)),
        "minutes": str(round(Fraction(sum(lasted), len(lasted)))) if lasted else "",
    }


def one_decimal(number: Fraction) -> str:
    tenths = round(number * 10)
    return f"{tenths // 10}.{tenths % 10}"


def missed_months(comrade: Comrade, everything: list[Gathering]) -> list[int]:
    """The months in which somebody was absent without reason from every regular meeting."""
    months = []
    for month in range(1, 13):
        theirs = [
            stood(gathering, comrade)[0]
            for gathering in everything
            if gathering.kind == "regular"
            and gathering.starts.month == month
            and on_roll(comrade, gathering.branch, gathering.starts.date())
        ]
        counted = [state for state in theirs if state != "exempt"]
        if counted and all(state == "unexcused" for state in counted):
            months.append(month)
    return months


def table() -> list[Line]:
    """The whole year."""
    everybody = [each for each in script.comrades() if each.kind not in NOT_CONVENED]
    held = [
        gathering
        for gathering in script.gatherings()
        if gathering.fate == "held" and gathering.starts.year == script.YEAR
    ]
    pairs = [
        (gathering, comrade)
        for gathering in held
        for comrade in everybody
        if on_roll(comrade, gathering.branch, gathering.starts.date())
    ]
    lines: list[Line] = []

    def write(unit: str, who: str, month: str, line: Line) -> None:
        lines.append(
            {**dict.fromkeys(HEADER, ""), "unit": unit, "who": who, "month": month, **line}
        )

    for branch in (0, *script.BRANCHES):
        name = f"Chi bộ {branch}" if branch else script.PARENT
        ours = [each for each in pairs if branch in (0, each[0].branch)]
        met = [each for each in held if branch in (0, each.branch)]
        write(name, "", "", {**tally(ours, met, reasons=branch > 0), **durations(met)})
        for month in range(1, 13):
            then = [each for each in ours if each[0].starts.month == month]
            these = [each for each in met if each.starts.month == month]
            write(name, "", str(month), {**tally(then, these, reasons=False), **durations(these)})
    for branch in script.BRANCHES:
        for comrade in everybody:
            theirs = [each for each in pairs if each[0].branch == branch and each[1] == comrade]
            if theirs:
                line = tally(theirs, [], reasons=False)
                line["regular"] = line["thematic"] = ""
                line["missed"] = "+".join(map(str, missed_months(comrade, held)))
                write(f"Chi bộ {branch}", comrade.name, "", line)
    return lines


if __name__ == "__main__":
    writer = csv.DictWriter(sys.stdout, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table())
