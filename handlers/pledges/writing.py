"""A member's own commitment: written heading by heading, read as a whole, signed by a tap."""

from __future__ import annotations

from handlers.campaigns import doors
from handlers.campaigns.showing import HOME, STUDY, pages_of
from handlers.kit import Ask, Button, File, Say, Talk, answer, button
from handlers.paging import Page
from handlers.pledges.saying import due, full, head
from handlers.text import Day, Moment, Text, Words, _
from storage import pledges
from storage.pledges import Own, Part

FORM = "pledge"


@button("pledge", power="pledge.own")
def show(talk: Talk, year_id: int) -> Say:
    """[Commitment]: how far it is."""
    talk.close(FORM)
    return screen(talk, pledges.own(talk.session, talk.actor, year_id))


def screen(talk: Talk, found: Own, *, toast: Words | None = None) -> Say:
    """What is written, what is signed, and what to do next."""
    year, signed = found.year, found.signed
    places = [] if found.settled else [Page.of(found.parts, 0, len(found.parts))]
    ready = not found.missing and found.changed and not found.settled
    review = Button(_("Read and sign"), "pledge_review", year.id, 0) if ready else None
    word = Button(_("Download Word"), "pledge_take", year.id) if signed else None
    return Say(
        head(year, found.unit),
        _signed_line(talk, found),
        _written_line(found),
        _compare_line(talk, found),
        buttons=[
            [_compare_button(found)],
            [review, word],
            *[
                row
                for page in places
                for row in page.digits("pledge_part", *[(year.id, each.key) for each in page.items])
            ],
            [STUDY, HOME],
        ],
        toast=toast,
    )


def _signed_line(talk: Talk, found: Own) -> Text:
    signed, year = found.signed, found.year
    if signed is not None:
        values = {"at": Moment(signed.signed_at), "n": signed.number}
        if year.late(signed.signed_at):
            return _("SIGNED late, {at} (version {n}).", **values)
        return _("SIGNED, {at} (version {n}).", **values)
    if year.late(talk.now):
        day = Day(year.due, short=True)
        return _("NOT SIGNED. The last day was {day}; you can still sign, late.", day=day)
    return due(year)


def _written_line(found: Own) -> Text | None:
    if found.settled:
        return None
    if found.missing:
        places = ", ".join(map(str, found.missing))
        return _("Nothing is written yet under: {places}. Press a number.", places=places)
    if found.signed is None:
        return _("Everything is written. Read it once more, then sign.")
    if found.changed:
        return _("Changed since you signed: it counts once you sign again.")
    return _("To change it, press a number; a change needs another signature.")


# -- writing -------------------------------------------------------------------------------------


@button("pledge_part", power="pledge.own")
def ask(talk: Talk, year_id: int, heading: int) -> Say:
    """A number: what stands under the heading, and a place to type."""
    found = pledges.own(talk.session, talk.actor, year_id)
    if found.settled:
        return screen(talk, found)
    return _ask(found, found.part(heading))


def _ask(found: Own, part: Part, *, toast: Words | None = None) -> Ask:
    return Ask(
        FORM,
        _heading(found, part),
        part.text or None,
        _("Type anew what you undertake here.")
        if part.text
        else _("Please type what you undertake here."),
        data={"year": found.year.id, "heading": part.key},
        buttons=[[Button(_("‹ Back"), "pledge", found.year.id)]],
        toast=toast,
    )


def _heading(found: Own, part: Part) -> Text:
    place = [each.key for each in found.parts].index(part.key) + 1
    return _(
        "{place}/{all}. <b>{heading}</b>", place=place, all=len(found.parts), heading=part.heading
    )


@answer(FORM, power="pledge.own", about=_("a part of your commitment"))
def typed(talk: Talk) -> Say:
    """What was typed is shown back before it is kept."""
    data = talk.draft.data if talk.draft else {}
    found = pledges.own(talk.session, talk.actor, int(data.get("year", 0)))
    if found.settled:
        return screen(talk, found)
    part = found.part(int(data.get("heading", 0)))
    text = pledges.check_text(talk.text)
    return Ask(
        FORM,
        _heading(found, part),
        text,
        _("Keep this? It is not signed by that."),
        data={"year": found.year.id, "heading": part.key, "text": text},
        buttons=[
            [
                Button(_("Keep it"), "pledge_keep", found.year.id, part.key),
                Button(_("Edit"), "pledge_part", found.year.id, part.key),
            ],
            [Button(_("Cancel"), "cancel", FORM)],
        ],
    )


@button("pledge_keep", power="pledge.own")
def keep(talk: Talk, year_id: int, heading: int) -> Say:
    """[Keep it]; the next heading that is empty follows. Pressed again, how far it is."""
    data = talk.draft.data if talk.draft is not None and talk.draft.form == FORM else {}
    if (data.get("year"), data.get("heading")) != (year_id, heading) or "text" not in data:
        return screen(talk, pledges.own(talk.session, talk.actor, year_id))
    text = str(data["text"])
    found = pledges.write(talk.session, talk.actor, year_id, heading, text, now=talk.now)
    talk.close(FORM)
    if found.missing and found.signed is None:
        return _ask(found, found.parts[found.missing[0] - 1], toast=_("Noted."))
    return screen(talk, found, toast=_("Noted."))


# -- signing -------------------------------------------------------------------------------------


@button("pledge_review", power="pledge.own")
def review(talk: Talk, year_id: int, page: int) -> Say:
    """[Read and sign]: all of it; the last page has the signature."""
    talk.close(FORM)
    found = pledges.own(talk.session, talk.actor, year_id)
    if found.missing or not found.changed or found.settled:
        return screen(talk, found)
    shown = Page.of(pages_of(full(found.parts, None, talk.reader)), page, 1)
    last = shown.number + 1 == shown.pages
    return Say(
        head(found.year, found.unit),
        *shown.items,
        _("Once signed, these words and the moment are kept for good.") if last else None,
        buttons=[
            shown.turn("pledge_review", year_id),
            [Button(_("Sign"), "pledge_sign", year_id, found.stamp) if last else None],
            [Button(_("‹ Back"), "pledge", year_id)],
        ],
    )


@button("pledge_sign", power="pledge.own")
def sign(talk: Talk, year_id: int, stamp: str) -> Say:
    """[Sign]: the words that were shown; pressed twice, once."""
    found = pledges.sign(talk.session, talk.actor, year_id, stamp, now=talk.now)
    return screen(talk, found, toast=_("Signed."))


@button("pledge_take", power="pledge.own")
def take(talk: Talk, year_id: int) -> Say:
    """[Download Word]: one's own."""
    found, _signed = pledges.own_signed(talk.session, talk.actor, year_id)
    file = File("pledge_word", [year_id], f"cam-ket-{found.year.year}.docx")
    return Say(toast=_("The file is being made."), files=[file])


# -- what has become of it -----------------------------------------------------------------------


def _compare_line(talk: Talk, found: Own) -> Text | None:
    if not found.settled or found.signed is None:
        return None
    open_ = pledges.comparison(talk.session, found.signed).open
    if not open_:
        return _("You have said of every heading what has become of it.")
    return _("What has become of it? {n} still to say.", n=len(open_))


def _compare_button(found: Own) -> Button | None:
    if not found.settled or found.signed is None:
        return None
    return Button(_("Compare"), "pledge_outcome", found.year.id, found.signed.written[0].key)


# -- on the screens of study ---------------------------------------------------------------------


def _door(talk: Talk, _campaign_id: int) -> Button | None:
    """The newest that is for this person."""
    found = pledges.mine(talk.session, talk.actor)
    return (
        Button(_("Commitment {n}", n=str(found[0].year)), "pledge", found[0].id) if found else None
    )


doors.hang(doors.STUDY, _door)
doors.hang(doors.COURSE, _door)
