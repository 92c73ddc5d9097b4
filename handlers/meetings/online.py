"""[Take part online]: whether a meeting allows it, and the address that those who do are given."""

from __future__ import annotations

from handlers import doors
from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.meetings.showing import meeting_label
from handlers.text import Text, Words, _
from storage import meetings
from storage.meetings import Meeting

FORM = "online_link"


@button("online", power="meeting.create")
def online(talk: Talk, meeting_id: int) -> Say:
    """How it is now; a typed address allows it too."""
    return _screen(meetings.managed(talk.session, talk.actor, meeting_id))


def _screen(meeting: Meeting, *, toast: Words | None = None) -> Say:
    allow = Button(_("Allow online"), "online_set", meeting.id, "yes")
    forbid = Button(_("On the spot only"), "online_set", meeting.id, "no")
    return Ask(
        FORM,
        _("<b>Online</b> · {meeting}", meeting=meeting_label(meeting)),
        _("Members may take part online.") if meeting.online else _("On the spot only."),
        _("Address: {link}", link=meeting.online_link) if meeting.online_link else None,
        _("Paste the address of the online meeting here; those who take part online see it."),
        data={"meeting": meeting.id},
        buttons=[
            [forbid if meeting.online else allow],
            [Button(_("‹ Back"), "hub", meeting.id, doors.BEFORE)],
        ],
        toast=toast,
    )


@answer(FORM, power="meeting.create", about=_("the address of an online meeting"))
def typed(talk: Talk) -> Say:
    """The address, shown back before it is kept."""
    meeting_id = int(talk.draft.data.get("meeting", 0)) if talk.draft else 0
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    link = meetings.check_link(talk.text)
    return Ask(
        FORM,
        _("<b>Online</b> · {meeting}", meeting=meeting_label(meeting)),
        _("Address: {link}", link=link),
        data={"meeting": meeting_id, "link": link},
        buttons=[
            [Button(_("Keep address"), "online_set", meeting_id, "link")],
            [Button(_("‹ Back"), "online", meeting_id)],
        ],
    )


@button("online_set", power="meeting.create")
def set_(talk: Talk, meeting_id: int, choice: str) -> Say:
    """[Allow online], [On the spot only], [Keep address]; pressed twice, the same."""
    data = talk.draft.data if talk.draft is not None and talk.draft.form == FORM else {}
    link = data.get("link") if data.get("meeting") == meeting_id else None
    if choice == "no":
        meetings.forbid_online(talk.session, talk.actor, meeting_id, now=talk.now)
    elif choice == "yes" or (choice == "link" and link):
        link = str(link) if choice == "link" else None
        meetings.allow_online(talk.session, talk.actor, meeting_id, link=link, now=talk.now)
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    return _screen(meeting, toast=_("Noted."))


def _told(_session: object, meeting: Meeting) -> Text | None:
    return _("Members may take part online.") if meeting.online else None


doors.hang(doors.BEFORE, "online", _("Take part online"), line=_told)
