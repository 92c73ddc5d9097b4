"""Meetings: called by the committee, answered by the members.

`form`, `steps` and `wizard` create a meeting and move it, `answers` is what members do,
`committee` decides on absences, `desk` is where a committee sees its meetings, `notices` are the
words of what is sent; `showing` says how a meeting is called everywhere.
"""

from handlers.meetings.notices import follow_roll, remind

__all__ = ["follow_roll", "remind"]
