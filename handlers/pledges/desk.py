"""The committee's side: who has signed, who has not and how to reach them, what was signed."""

from __future__ import annotations

from handlers.campaigns import doors
from handlers.campaigns.committee import CAMPAIGNS
from handlers.campaigns.showing import MANAGE, pages_of, shortened
from handlers.kit import Button, File, Say, Talk, button
from handlers.paging import Page
from handlers.pledges.saying import MANY, due, full, head
from handlers.roster.words import NAMES, by_reach
from handlers.text import Moment, Text, Words, _, cut, n_
from storage import pledges
from storage.pledges import Comparison, PledgeYear, Signed, State
from storage.powers import may_somewhere
from storage.reach import Reach, reach
from storage.roster import Person, Unit

NAME = 40  # letters of a name in a list
YEARS = 4  # shown of a unit
NEXT_FROM = 10  # the month from which next year's can be started


@button("pledges", power="pledge.manage")
def mine(talk: Talk) -> Say:
    """[Commitments]: the unit, or which one of several."""
    talk.leave()
    found = pledges.led(talk.session, talk.actor)
    if len(found) == 1:
        return unit_screen(talk, *found[0])
    return Say(
        _("Commitments of which unit?"),
        buttons=[
            *[[Button(shortened(unit.name), "pledge_unit", unit.id)] for unit, _years in found],
            [CAMPAIGNS, MANAGE],
        ],
    )


@button("pledge_unit", power="pledge.manage")
def of_unit(talk: Talk, unit_id: int) -> Say:
    """One unit's years."""
    found = {unit.id: (unit, years) for unit, years in pledges.led(talk.session, talk.actor)}
    return unit_screen(talk, *found[unit_id]) if unit_id in found else mine(talk)


def unit_screen(
    talk: Talk, unit: Unit, years: list[PledgeYear], *, first: Words | None = None
) -> Say:
    """What there is, and what can be started."""
    held, today = {each.year for each in years}, talk.today
    startable = [today.year, *([today.year + 1] if today.month >= NEXT_FROM else [])]
    return Say(
        first,
        _("<b>YEARLY COMMITMENTS</b> · {unit}", unit=unit.name),
        None if years else _("None has been started yet."),
        _("Members write what they undertake, sign it, and say at year's end what came of it."),
        buttons=[
            *[
                [Button(_("Commitment {n}", n=str(each.year)), "pledge_desk", each.id)]
                for each in years[:YEARS]
            ],
            [
                Button(_("Start {n}", n=str(year)), "pledge_new", unit.id, year)
                for year in startable
                if year not in held
            ],
            [CAMPAIGNS, MANAGE],
        ],
    )


@button("pledge_desk", power="pledge.manage")
def desk(talk: Talk, year_id: int) -> Say:
    """How it stands."""
    talk.close("pledge_edit")
    return screen(talk, pledges.state(talk.session, talk.actor, year_id))


def screen(talk: Talk, found: State, *, toast: Words | None = None) -> Say:
    """The figures, and what the committee can do."""
    year = found.year
    compared = year.compared_at is not None
    ahead = not compared
    return Say(
        head(year, found.unit),
        due(year),
        _signed_line(found),
        _("Exempt, invited only: {n}, signed {signed}", n=len(found.invited), signed=_own(found))
        if found.invited
        else None,
        _compared_line(talk, found) if compared else None,
        buttons=[
            [
                Button(_("Signed ({n})", n=len(found.all_signed)), "pledge_signed", year.id, 0)
                if found.all_signed
                else None,
                Button(_("Not signed ({n})", n=len(found.unsigned)), "pledge_unsigned", year.id, 0)
                if found.unsigned
                else None,
            ],
            [
                Button(_("Download Word"), "pledge_file", year.id, "word"),
                Button(_("Download Excel"), "pledge_file", year.id, "excel"),
            ],
            [
                Button(_("Change headings"), "pledge_edit", year.id, "headings") if ahead else None,
                Button(_("Change last day"), "pledge_edit", year.id, "due") if ahead else None,
            ],
            [Button(_("Compare the year"), "pledge_compare", year.id) if ahead else None],
            [MANY, MANAGE],
        ],
        toast=toast,
    )


def _own(found: State) -> int:
    return sum(version is not None for _person, version in found.invited)


def _signed_line(found: State) -> Text:
    values = {"n": len(found.signed), "all": found.expected}
    if found.late:
        return _("Signed {n}/{all}, of these late {late}", late=found.late, **values)
    return _("Signed {n}/{all}", **values)


def _compared_line(talk: Talk, found: State) -> Text:
    seen = pledges.comparisons(talk.session, found.year)
    done = sum(each.complete for each in seen.values())
    return _("Compared at year's end: {n}/{all}", n=done, all=len(found.all_signed))


# -- who ---------------------------------------------------------------------------------------


@button("pledge_unsigned", power="pledge.manage")
def unsigned(talk: Talk, year_id: int, number: int) -> Say:
    """[Not signed]: by how each can be reached."""
    found = pledges.state(talk.session, talk.actor, year_id)
    people = [(reach(each), each) for each in found.unsigned]
    page = Page.of(sorted(people, key=lambda pair: list(Reach).index(pair[0])), number, NAMES)
    return Say(
        head(found.year, found.unit),
        n_("Not signed: {n} person", "Not signed: {n} people", n=len(people)),
        *by_reach(page.items),
        buttons=[page.turn("pledge_unsigned", year_id), _back(year_id)],
    )


@button("pledge_signed", power="pledge.manage")
def signed(talk: Talk, year_id: int, number: int) -> Say:
    """[Signed]: a number opens what somebody has signed."""
    found = pledges.state(talk.session, talk.actor, year_id)
    seen = pledges.comparisons(talk.session, found.year)
    page = Page.of(found.all_signed, number)
    return Say(
        head(found.year, found.unit),
        *[
            _("{number}. {words}", number=place, words=_line(found, pair, seen))
            for place, pair in enumerate(page.items, page.first)
        ],
        buttons=[
            *page.digits("pledge_read", *[(year_id, who.id, 0, 0) for who, _v in page.items]),
            page.turn("pledge_signed", year_id),
            _back(year_id),
        ],
    )


def _line(found: State, pair: tuple[Person, Signed], seen: dict[int, Comparison]) -> Text:
    person, version = pair
    values = {"name": cut(person.full_name, NAME), "at": Moment(version.signed_at)}
    if found.year.compared_at is not None:
        said = len(version.parts) - len(seen[person.id].open)
        return _("{name}: compared {n}/{all}", n=said, all=len(version.parts), **values)
    if found.year.late(version.signed_at):
        return _("{name}: late, {at}", **values)
    return _("{name}: {at}", **values)


@button("pledge_read", power="pledge.manage")
def read(talk: Talk, year_id: int, person_id: int, number: int, page: int) -> Say:
    """What somebody has signed, in full; the number of a version, 0 for the one that counts."""
    year, person, found = pledges.versions(talk.session, talk.actor, year_id, person_id)
    version = next((each for each in found if each.number == number), found[-1])
    seen = pledges.comparison(talk.session, version)
    text = full(version.written, seen, talk.reader)
    shown = Page.of(pages_of(text), page, 1)
    others = [
        Button(_("Version {n}", n=each.number), "pledge_read", year_id, person_id, each.number, 0)
        for each in found[-4:]
        if each.number != version.number
    ]
    return Say(
        _("<b>{name}</b> · {year}", name=person.full_name, year=str(year.year)),
        _("Version {n}/{all}, signed {at}.", **_values(found[-1], version)),
        None
        if pledges.intact(talk.session, version)
        else _("THIS IS NOT WHAT WAS SIGNED: somebody has changed it in the database."),
        *shown.items,
        buttons=[
            shown.turn("pledge_read", year_id, person_id, version.number),
            [*others[:2]],
            [*others[2:]],
            [Button(_("‹ Back"), "pledge_signed", year_id, 0), MANAGE],
        ],
    )


def _values(last: Signed, version: Signed) -> dict[str, object]:
    return {"n": version.number, "all": last.number, "at": Moment(version.signed_at)}


# -- files, and the end of the year ----------------------------------------------------------------


@button("pledge_file", power="pledge.manage")
def take(talk: Talk, year_id: int, what: str) -> Say:
    """[Download Word], [Download Excel]: all of them."""
    year = pledges.managed(talk.session, talk.actor, year_id)
    made, ending = ("pledges_excel", "xlsx") if what == "excel" else ("pledges_word", "docx")
    file = File(made, [year_id], f"cam-ket-{year.year}.{ending}")
    return Say(toast=_("The file is being made."), files=[file])


@button("pledge_compare", power="pledge.manage")
def ask_compare(talk: Talk, year_id: int) -> Say:
    """[Compare the year]: names the count and asks again."""
    found = pledges.state(talk.session, talk.actor, year_id)
    if found.year.compared_at is not None:
        return screen(talk, found)
    return Say(
        head(found.year, found.unit),
        n_(
            "Ask {n} person who has signed what has become of it?",
            "Ask {n} people who have signed what has become of it?",
            n=len(found.all_signed),
        ),
        _("From then on nothing can be signed or changed any more."),
        buttons=[[Button(_("Yes, ask them"), "pledge_compare_yes", year_id)], _back(year_id)],
    )


@button("pledge_compare_yes", power="pledge.manage")
def compare(talk: Talk, year_id: int) -> Say:
    """[Yes, ask them]; pressed twice, once."""
    pledges.compare(talk.session, talk.actor, year_id, quiet=talk.house.quiet, now=talk.now)
    found = pledges.state(talk.session, talk.actor, year_id)
    return screen(talk, found, toast=_("They are asked in a minute."))


def _back(year_id: int) -> list[Button | None]:
    return [Button(_("‹ Back"), "pledge_desk", year_id), MANAGE]


def _door(talk: Talk, _campaign_id: int) -> Button | None:
    may = may_somewhere(talk.actor, "pledge.manage")
    return Button(_("Commitments"), "pledges") if may else None


doors.hang(doors.CAMPAIGNS, _door)
