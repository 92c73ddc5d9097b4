"""[Add to calendar]: a meeting as a calendar file (RFC 5545), for who is convened.

The file is the same event each time: its UID is the meeting's, its SEQUENCE grows with every move,
so a calendar that has it already moves it, and strikes it out when the meeting is called off.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from handlers import doors
from handlers.kit import File, Say, Talk, button, maker
from handlers.meetings.showing import local, meeting_title
from handlers.text import _
from storage import agenda, meetings
from storage.meetings import MeetingState


@button("calendar", power="meeting.see")
def calendar(talk: Talk, meeting_id: int) -> Say:
    """[Add to calendar]."""
    meeting, _seat = meetings.seat_of(talk.session, talk.actor, meeting_id)
    name = f"hop-{local(meeting):%Y-%m-%d}.ics"
    return Say(toast=_("The file is being made."), files=[File("calendar", [meeting_id], name)])


@maker("calendar", power="meeting.see")
def make(talk: Talk, meeting_id: int) -> Callable[[], bytes]:
    """The file, of one's own meeting only."""
    meeting, _seat = meetings.seat_of(talk.session, talk.actor, meeting_id)
    minutes = agenda.expected(talk.session, talk.house.profile, meeting)
    unit, title = (
        meetings.unit_name(talk.session, meeting),
        talk.reader.plain(meeting_title(meeting)),
    )
    cancelled = meeting.state == MeetingState.CANCELLED
    begins, place, now = local(meeting), meeting.place, talk.now
    uid = f"meeting-{meeting.id}@{talk.house.bot_username or 'chibo'}.t.me"
    link, sequence = talk.house.link(""), meeting.revision

    def build() -> bytes:
        from icalendar import Calendar, Event, vCalAddress

        event = Event()
        event.add("uid", uid)
        event.add("sequence", sequence)
        event.add("dtstamp", now)
        event.add("dtstart", begins)
        event.add("duration", timedelta(minutes=minutes))  # an end would be ambiguous in autumn
        event.add("summary", f"{title} · {unit}")
        event.add("location", place)
        event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
        organizer = vCalAddress(link)
        organizer.params["CN"] = unit
        event.add("organizer", organizer)
        whole = Calendar()
        whole.add("prodid", "-//Chi Bo//chibo//VI")
        whole.add("version", "2.0")
        whole.add("method", "CANCEL" if cancelled else "PUBLISH")
        whole.add_component(event)
        whole.add_missing_timezones()
        return bytes(whole.to_ical())

    return build


doors.hang(doors.MEMBER, "calendar", _("Add to calendar"), rank=9)
