"""The rules of a unit: every figure in force, where it comes from, and setting one's own.

A screen that applies a rule says which one with `why`.
"""

from __future__ import annotations

from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.meetings.showing import MANAGE, short
from handlers.paging import PAGE, Page
from handlers.text import Day, Text, Words, _, n_
from storage import roster
from storage.powers import may, units_with
from storage.roster import Unit, lineage_ids
from storage.rules import Rule, changing
from storage.rules.changing import BOUNDS, Figure, Measure

FORM = "rule"
DEFAULT = "mặc định"  # how a rule set says that no source is known
NAMES: dict[str, Text] = {
    "meeting.minutes": _("A session lasts at least"),
    "meeting.minutes_joint": _("Regular and thematic in one last at least"),
    "papers.days": _("Documents are sent ahead by"),
    "regular.by": _("The regular meeting is called by day"),
    "series.lead": _("Meetings that come again are offered ahead by"),
    "minutes.days": _("Silence no longer holds up the minutes after"),
    "content.professional": _("Too much of its work above"),
    "attendance.bar": _("Attendance to be reached"),
    "late.after": _("Late after"),
    "correction.hours": _("Corrections are asked for within"),
    "excuses.running": _("Excused in a row, at most"),
    "missed.months": _("Missed without reason can end membership at"),
    "missed.warn": _("The committee is warned of missed months at"),
    "quorum.regular": _("Regular meeting: present at least"),
    "quorum.thematic": _("Thematic meeting: present at least"),
    "quorum.committee": _("Committee meeting: present at least"),
    "quorum.extraordinary": _("Extraordinary meeting: present at least"),
    "quorum.congress": _("Congress: present at least"),
    "decision.above": _("A decision takes more than"),
    "vote.probationary": _("Probationary members vote"),
    "vote.temporary": _("Temporary members vote"),
    "score.preparation": _("Preparation, at most"),
    "score.attendance": _("Attendance, at most"),
    "score.conduct": _("Conduct, at most"),
    "score.closing": _("Closing, at most"),
    "score.good": _("Good from"),
    "score.fair": _("Fair from"),
    "score.average": _("Average from"),
    "score.year_good": _("Good sessions for a good year"),
    "rating.asked": _("Members are asked how a session was"),
    "rating.after": _("They are asked after check-in by"),
    "rating.days": _("They may answer for"),
    "rating.least": _("Ratings are shown from"),
}
GROUPS: dict[str, Text] = {
    "meeting": _("Sessions"),
    "attendance": _("Attendance"),
    "quorum": _("Quorum and votes"),
    "score": _("Session scores"),
    "rating": _("Unsigned ratings"),
}
WITH = {"papers": "meeting", "regular": "meeting", "decision": "quorum", "vote": "quorum"}
WITH |= {"series": "meeting", "minutes": "meeting", "content": "meeting"}
WITH |= {"late": "attendance", "excuses": "attendance", "missed": "attendance"}
WITH |= {"correction": "attendance"}
SAID: dict[Measure, Text] = {
    Measure.PERCENT: _("{n}%"),
    Measure.MINUTES: n_("{n} minute", "{n} minutes"),
    Measure.HOURS: n_("{n} hour", "{n} hours"),
    Measure.DAYS: n_("{n} day", "{n} days"),
    Measure.DAY: _("{n} of the month"),
    Measure.MONTHS: n_("{n} month", "{n} months"),
    Measure.TIMES: n_("{n} time", "{n} times"),
    Measure.PEOPLE: n_("{n} person", "{n} people"),
    Measure.POINTS: n_("{n} point", "{n} points"),
}


# -- saying which rule was applied -------------------------------------------------------------


def amount(measure: Measure, value: float | None) -> Text:
    """ "85,5%", "15 phút", "không đặt"."""
    if value is None:
        return _("none set")
    if measure is Measure.YES_NO:
        return _("yes") if value else _("no")
    plain = int(value) if value == int(value) else value
    said = SAID[measure]
    return Text(said.source, {"n": plain}, said.plural)


def source(rule: Rule) -> Text:
    """Where a figure comes from, and since when."""
    day = Day(rule.since, dated=True) if rule.since else ""
    if rule.own:
        return _("Set by the unit, since {day}.", day=day)
    if rule.citation == DEFAULT:
        return _("A default: no rule names a figure, a unit may set its own.")
    if rule.default:
        return _(
            "By {citation}, since {day}; a unit may set its own.", citation=rule.citation, day=day
        )
    return _("By {citation}, since {day}.", citation=rule.citation, day=day)


def why(rule: Rule, *facts: Words | None) -> list[Words]:
    """What [Why?] shows of a figure: what it was made of, the rule, where that comes from."""
    measure = changing.MEASURES[rule.key]
    named = _("{rule}: {value}.", rule=NAMES[rule.key], value=amount(measure, rule.value))
    return [*(each for each in facts if each is not None), named, source(rule)]


# -- seeing them -------------------------------------------------------------------------------


@button("rules", power="rules.see")
def start(talk: Talk) -> Say:
    """[Rules]: of one's own unit; who acts in several says of which."""
    talk.close(FORM)
    units = changing.units(talk.session, units_with(talk.actor, "rules.see"))
    if len(units) == 1:
        return _of(talk, units[0])
    rows = [[Button(short(unit.name), "rules_of", unit.id)] for unit in units]
    return Say(_("<b>RULES</b>"), _("Of which unit?"), buttons=[*rows, [MANAGE]])


@button("rules_of", power="rules.see")
def of_unit(talk: Talk, unit_id: int) -> Say:
    """The groups of rules."""
    talk.close(FORM)
    return _of(talk, changing.seen(talk.session, talk.actor, unit_id))


def _of(talk: Talk, unit: Unit) -> Say:
    groups = [Button(name, "rules_group", unit.id, group, 0) for group, name in GROUPS.items()]
    return Say(
        _("<b>RULES</b> · {unit}", unit=unit.name),
        _("Each figure says where it comes from. Defaults can be set by the unit itself."),
        buttons=[*(groups[start : start + 2] for start in range(0, len(groups), 2)), [MANAGE]],
    )


@button("rules_group", power="rules.see")
def group(talk: Talk, unit_id: int, group: str, page: int) -> Say:
    """One group of rules: each with its figure."""
    talk.close(FORM)
    group = group if group in GROUPS else "meeting"
    keys = [key for key in NAMES if group_of(key) == group]
    found = changing.figures(
        talk.session, talk.actor, talk.house.profile, unit_id, keys, on=talk.today
    )
    shown = Page.of(found, page)
    return Say(
        _("<b>{group}</b> · {unit}", group=GROUPS[group], unit=found[0].unit.name),
        *[_line(number, each) for number, each in enumerate(shown.items, shown.first)],
        buttons=[
            *shown.digits("rule", *((unit_id, each.rule.key) for each in shown.items)),
            shown.turn("rules_group", unit_id, group),
            [Button(_("‹ Back"), "rules_of", unit_id), MANAGE],
        ],
    )


def group_of(key: str) -> str:
    """Which group a rule is listed in."""
    head = key.partition(".")[0]
    return WITH.get(head, head)


def _line(number: int, found: Figure) -> Text:
    said = {
        "number": number,
        "rule": NAMES[found.rule.key],
        "value": amount(found.measure, found.rule.value),
    }
    if found.rule.own:
        return _("{number}. {rule}: {value} (set by the unit)", **said)
    if found.rule.default:
        return _("{number}. {rule}: {value} (default)", **said)
    return _("{number}. {rule}: {value}", **said)


@button("rule", power="rules.see")
def one(talk: Talk, unit_id: int, key: str) -> Say:
    """One figure, with its source."""
    talk.close(FORM)
    return _screen(talk, _figure(talk, unit_id, key))


def _figure(talk: Talk, unit_id: int, key: str) -> Figure:
    return changing.figure(
        talk.session, talk.actor, talk.house.profile, unit_id, key, on=talk.today
    )


def _screen(talk: Talk, found: Figure, *, toast: Words | None = None) -> Say:
    key, unit_id = found.rule.key, found.unit.id
    changes = found.rule.default and may(
        talk.actor, "rules.change", lineage_ids(found.unit.lineage)
    )
    return Say(
        _("<b>RULES</b> · {unit}", unit=found.unit.name),
        *why(found.rule),
        _who(talk, found.rule),
        buttons=[
            _ways(found) if changes else [],
            [Button(_("Back to default"), "rule_drop", unit_id, key)]
            if changes and found.here
            else [],
            [Button(_("‹ Back"), "rules_group", unit_id, group_of(key), _page(key)), MANAGE],
        ],
        toast=toast,
    )


def _ways(found: Figure) -> list[Button | None]:
    """How a figure is changed: typed, or by its other value where there are two."""
    key, unit_id = found.rule.key, found.unit.id
    if found.measure is not Measure.YES_NO:
        return [Button(_("Change figure"), "rule_change", unit_id, key)]
    if found.rule.value:
        return [Button(_("Set to no"), "rule_set", unit_id, key, 0)]
    return [Button(_("Set to yes"), "rule_set", unit_id, key, 1)]


def _page(key: str) -> int:
    """The page of its group on which a rule stands."""
    keys = [each for each in NAMES if group_of(each) == group_of(key)]
    return keys.index(key) // PAGE


def _who(talk: Talk, rule: Rule) -> Text | None:
    """Who has set a unit's own figure, and for which unit."""
    if rule.unit_id is None:
        return None
    unit = talk.session.get(Unit, rule.unit_id)
    by = talk.session.get(roster.Person, rule.set_by) if rule.set_by else None
    return _(
        "By comrade {name}, for {unit}.",
        name=by.full_name if by else "",
        unit=unit.name if unit else "",
    )


# -- changing them -----------------------------------------------------------------------------


@button("rule_change", power="rules.change")
def change(talk: Talk, unit_id: int, key: str) -> Say:
    """[Change figure]: asks for it."""
    found = _figure(talk, unit_id, key)
    if not found.rule.default:
        return _screen(talk, found)
    low, high = BOUNDS[found.measure]
    return Ask(
        FORM,
        _("<b>{rule}</b>", rule=NAMES[key]),
        _("Now: {value}.", value=amount(found.measure, found.rule.value)),
        _("Please type a number from {low} to {high}.", low=low, high=high),
        data={"unit": unit_id, "key": key},
        buttons=[[Button(_("‹ Back"), "rule", unit_id, key)]],
    )


@answer(FORM, power="rules.change")
def typed(talk: Talk) -> Say:
    """The figure, shown back before it counts."""
    data = talk.draft.data if talk.draft else {}
    unit_id, key = int(data.get("unit", 0)), str(data.get("key", ""))
    found = _figure(talk, unit_id, key)
    value = changing.check_figure(found.measure, talk.text)
    return Say(
        _("{rule}: {value}.", rule=NAMES[key], value=amount(found.measure, value)),
        _("Shall this hold for {unit} and all below it?", unit=found.unit.name),
        buttons=[
            [
                Button(_("Keep"), "rule_set", unit_id, key, changing.spelled(value)),
                Button(_("Edit"), "rule_change", unit_id, key),
            ],
            [Button(_("‹ Back"), "rule", unit_id, key)],
        ],
    )


@button("rule_set", power="rules.change")
def keep(talk: Talk, unit_id: int, key: str, figure: str) -> Say:
    """[Keep], [Set to yes], [Set to no]: exactly the figure that the button carries."""
    found = changing.change(
        talk.session, talk.actor, talk.house.profile, unit_id, key, figure, now=talk.now
    )
    return _screen(talk, found, toast=_("The figure is kept."))


@button("rule_drop", power="rules.change")
def drop(talk: Talk, unit_id: int, key: str) -> Say:
    """[Back to default]."""
    found = changing.drop(talk.session, talk.actor, talk.house.profile, unit_id, key, now=talk.now)
    return _screen(talk, found, toast=_("The default holds again."))
