"""Meetings: called by the committee, answered by the members.

`form`, `steps` and `wizard` create a meeting, `changing` moves it and calls it off, `answers` is
what members do, `committee` decides on absences (`excuses` says how often they were excused), `desk` is where a committee sees its meetings,
`notices` are the words of what is sent; `showing` says how a meeting is called everywhere.
"""

from handlers.meetings.notices import carry_out, follow_roll, remind

__all__ = ["carry_out", "follow_roll", "remind"]
