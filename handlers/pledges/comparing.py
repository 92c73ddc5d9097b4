"""At year's end a member says of each heading: done, in part, not done; and a word if they like."""

from __future__ import annotations

from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.pledges import writing
from handlers.pledges.saying import VERDICTS, head, marked
from handlers.text import Words, _
from storage import pledges
from storage.errors import NotFound
from storage.pledges import Comparison, Own, Part, Verdict

FORM = "pledge_word"
LABELS = {
    Verdict.DONE: _("Done"),
    Verdict.PARTLY: _("Done in part"),
    Verdict.NOT: _("Not done"),
}


@button("pledge_outcome", power="pledge.own")
def outcome(talk: Talk, year_id: int, heading: int) -> Say:
    """[Compare]: one heading after the other."""
    talk.close(FORM)
    found, version = pledges.own_signed(talk.session, talk.actor, year_id)
    if not found.settled:
        return writing.screen(talk, found)
    return _screen(found, pledges.comparison(talk.session, version), heading)


def _screen(found: Own, seen: Comparison, key: int, *, toast: Words | None = None) -> Say:
    parts, number = seen.version.written, found.year.id
    part = _part(seen, key)
    place = [each.key for each in parts].index(key)
    said = key in seen.marks
    before = parts[place - 1].key if place else None
    after = parts[place + 1].key if place + 1 < len(parts) else None
    return Say(
        head(found.year, found.unit),
        _("{place}/{all}. <b>{heading}</b>", place=place + 1, all=len(parts), heading=part.heading),
        part.text,
        marked(seen, key) if said else _("What has become of it?"),
        buttons=[
            [
                Button(LABELS[each], "pledge_judge", number, key, each.value)
                for each in (Verdict.DONE, Verdict.PARTLY)
            ],
            [
                Button(LABELS[Verdict.NOT], "pledge_judge", number, key, Verdict.NOT.value),
                Button(_("Add a word"), "pledge_say", number, key) if said else None,
            ],
            [
                Button("‹", "pledge_outcome", number, before) if before is not None else None,
                Button(f"{place + 1}/{len(parts)}", "pledge_outcome", number, key),
                Button("›", "pledge_outcome", number, after) if after is not None else None,
            ],
            [Button(_("‹ Back"), "pledge", number)],
        ],
        toast=toast,
    )


@button("pledge_judge", power="pledge.own")
def judge(talk: Talk, year_id: int, heading: int, verdict: str) -> Say:
    """[Done], [Done in part], [Not done]; the last press counts."""
    found, seen = pledges.judge(talk.session, talk.actor, year_id, heading, verdict, now=talk.now)
    return _screen(found, seen, heading, toast=_("Noted: {what}.", what=VERDICTS[verdict]))


@button("pledge_say", power="pledge.own")
def ask(talk: Talk, year_id: int, heading: int) -> Say:
    """[Add a word]."""
    found, version = pledges.own_signed(talk.session, talk.actor, year_id)
    part = _part(pledges.comparison(talk.session, version), heading)
    return Ask(
        FORM,
        _("<b>{heading}</b>", heading=part.heading),
        _("Please type a word about it: what was done, what is missing, why."),
        data={"year": found.year.id, "heading": heading},
        buttons=[[Button(_("‹ Back"), "pledge_outcome", year_id, heading)]],
    )


@answer(FORM, power="pledge.own", about=_("a word about your commitment"))
def typed(talk: Talk) -> Say:
    """The word, shown back before it is kept."""
    data = talk.draft.data if talk.draft else {}
    year_id, heading = int(data.get("year", 0)), int(data.get("heading", 0))
    _own, version = pledges.own_signed(talk.session, talk.actor, year_id)
    part = _part(pledges.comparison(talk.session, version), heading)
    word = pledges.check_word(talk.text)
    return Ask(
        FORM,
        _("<b>{heading}</b>", heading=part.heading),
        word,
        _("Keep this? The committee reads it."),
        data={"year": year_id, "heading": heading, "word": word},
        buttons=[
            [
                Button(_("Keep it"), "pledge_say_keep", year_id, heading),
                Button(_("Edit"), "pledge_say", year_id, heading),
            ],
            [Button(_("Cancel"), "cancel", FORM)],
        ],
    )


@button("pledge_say_keep", power="pledge.own")
def keep(talk: Talk, year_id: int, heading: int) -> Say:
    """[Keep it]; pressed again, the heading as it is."""
    data = talk.draft.data if talk.draft is not None and talk.draft.form == FORM else {}
    if (data.get("year"), data.get("heading")) != (year_id, heading) or "word" not in data:
        return outcome(talk, year_id, heading)
    found, seen = pledges.remark(
        talk.session, talk.actor, year_id, heading, str(data["word"]), now=talk.now
    )
    talk.close(FORM)
    return _screen(found, seen, heading, toast=_("Noted."))


def _part(seen: Comparison, key: int) -> Part:
    found = next((each for each in seen.version.written if each.key == key), None)
    if found is None:
        raise NotFound
    return found
