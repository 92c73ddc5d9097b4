"""The committee's screen of the minutes: where they stand, and who is asked to confirm them."""

from __future__ import annotations

from sqlmodel import Session

from handlers import doors
from handlers.kit import Button, File, Say, Talk, button
from handlers.meetings.showing import day_of, local
from handlers.minutes.document import MAKER
from handlers.text import Moment, Text, Words, _, cut, n_
from storage import attendance, minutes
from storage.meetings import Meeting, MeetingState
from storage.minutes import Signer, Standing
from storage.powers import may
from storage.roster import unit_lineage

PARTS: dict[str, Text] = {"chair": _("Chaired by"), "minute_taker": _("Written by")}
SHOWN = 200  # letters of an objection or a correction on the screen
NAMES = 8  # to choose from, on a page


@button("minutes", power="attendance.take")
def one(talk: Talk, meeting_id: int) -> Say:
    """[Minutes]: where they stand."""
    return screen(talk, attendance.for_committee(talk.session, talk.actor, meeting_id))


def screen(talk: Talk, meeting: Meeting, *, toast: Words | None = None) -> Say:
    """Who has confirmed what, what is in the way, and what can be done."""
    if meeting.state != MeetingState.CLOSED:
        back = [Button(_("‹ Back"), "roll_result", meeting.id)]
        return Say(_("Please close check-in first."), buttons=[back], toast=toast)
    stands = minutes.standing(talk.session, meeting, profile=talk.house.profile, now=talk.now)
    final = meeting.locked_at is not None
    mended = minutes.corrections(talk.session, meeting.id)
    return Say(
        _("<b>MINUTES</b> · {day} – final", day=day_of(meeting))
        if final
        else _("<b>MINUTES</b> · {day} – draft", day=day_of(meeting)),
        *[_signer(each) for each in stands.signers],
        None if final else _hint(stands),
        _("The minutes have no end of the meeting yet: press [End meeting] under [Agenda].")
        if not final and meeting.begun_at is not None and meeting.ended_at is None
        else None,
        n_(
            "{n} correction, the last: {text}",
            "{n} corrections, the last: {text}",
            n=len(mended),
            text=cut(mended[-1].text, SHOWN),
        )
        if mended
        else None,
        buttons=[
            *(_of_final(meeting) if final else _of_draft(talk, meeting, stands)),
            [
                Button(_("Form of minutes"), "minutes_forms", meeting.id)
                if may(talk.actor, "minutes.form", unit_lineage(talk.session, meeting.unit_id))
                else None,
                Button(_("‹ Back"), "roll_result", meeting.id),
            ],
        ],
        toast=toast,
    )


def _of_final(meeting: Meeting) -> list[list[Button | None]]:
    return [
        [
            Button(_("Download Word"), "minutes_word", meeting.id),
            Button(_("Add correction"), "minutes_mend", meeting.id),
        ]
    ]


def _of_draft(talk: Talk, meeting: Meeting, stands: Standing) -> list[list[Button | None]]:
    mine = [each.asked for each in stands.signers if each.waits_for(talk.actor.person_id)]
    own = mine[0] if mine else None
    ask = any(
        each.reached and (each.asked is None or each.asked.objected_at is not None)
        for each in stands.signers
    )
    return [
        [Button(_("Confirm"), "minutes_yes", own.id) if own is not None else None],
        [
            Button(_("Download Word"), "minutes_word", meeting.id),
            Button(_("Ask to confirm"), "minutes_send", meeting.id) if ask else None,
        ],
        [
            Button(_("Chair, minutes"), "chairing", meeting.id),
        ],
        [Button(_("Finalise minutes"), "roll_lock", meeting.id) if stands.finalisable else None],
    ]


def _signer(each: Signer) -> Text:
    part = PARTS[each.part]
    if each.person is None:
        return _("{part}: not written down", part=part)
    return _("{part}: {name} – {state}", part=part, name=each.person.full_name, state=_state(each))


def _state(each: Signer) -> Text:
    asked = each.asked
    if asked is not None and asked.confirmed_at is not None:
        return _("confirmed, {at}", at=Moment(asked.confirmed_at))
    if asked is not None and asked.objected_at is not None:
        return _('to be mended: "{text}"', text=cut(asked.objection or "", SHOWN))
    if asked is not None:
        return _("asked, no answer yet")
    if not each.reached:
        return _("cannot be asked through the bot")
    return _("the minutes changed, to be asked again") if each.outdated else _("not asked yet")


def _hint(stands: Standing) -> Text:
    """What comes next."""
    if stands.undecided:
        return n_(
            "{n} request about the roll waits: please decide first.",
            "{n} requests about the roll wait: please decide first.",
            n=stands.undecided,
        )
    if stands.complete:
        return _("Both have confirmed; you can make the minutes final.")
    if stands.out_of_reach:
        return _("Not both can be asked here: let them sign on paper, then finalise.")
    if stands.overdue:
        return _("No answer for days: you may finalise; they sign on paper.")
    return _("When both have confirmed, the minutes are final.")


@button("minutes_word", power="minutes.sign")
def word(talk: Talk, meeting_id: int) -> Say:
    """[Download Word]: for the committee, and for who is asked to confirm."""
    meeting = minutes.may_read(talk.session, talk.actor, meeting_id)
    name = f"bien-ban-{local(meeting):%Y-%m-%d}.docx"
    return Say(toast=_("The file is being made."), files=[File(MAKER, [meeting_id], name)])


@button("minutes_send", power="attendance.take")
def send(talk: Talk, meeting_id: int) -> Say:
    """[Ask to confirm]; pressed twice, they are asked once."""
    asked = minutes.send(
        talk.session,
        talk.actor,
        meeting_id,
        profile=talk.house.profile,
        quiet=talk.house.quiet,
        now=talk.now,
    )
    toast = (
        n_("{n} person is asked in private.", "{n} people are asked in private.", n=asked)
        if asked
        else _("Whoever can be asked has been asked already.")
    )
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    return screen(talk, meeting, toast=toast)


# -- the door ----------------------------------------------------------------------------------


def _line(session: Session, meeting: Meeting) -> Words | None:
    if meeting.locked_at is None:
        return None
    mended = len(minutes.corrections(session, meeting.id))
    if not mended:
        return _("The minutes are final.")
    return n_(
        "The minutes are final, with {n} correction.",
        "The minutes are final, with {n} corrections.",
        n=mended,
    )


doors.hang(doors.AFTER, "minutes", _("Minutes"), line=_line)
