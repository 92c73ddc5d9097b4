"""Meetings: called by the committee, answered by the members.

`form`, `steps` and `wizard` create a meeting, `changing` moves it and calls it off, `answers` is
what members do, `online` lets them take part from afar, `committee` decides on absences (`excuses`
tells how often somebody was excused), `desk` is where a committee sees its meetings, `hubs` what it
does about one, `notices` are the words of what is sent; `showing` says how a meeting is called
everywhere.
"""

from handlers.meetings.notices import carry_out, follow_roll, remind

__all__ = ["carry_out", "follow_roll", "remind"]
