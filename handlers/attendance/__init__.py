"""Attendance: one live card in the group, and the committee's screens in private.

`card` is what everybody sees and taps, `panel` where the committee opens, watches and closes,
`entering` writes down those who cannot tap, `result` is what stands at the end, `late` is for who
missed it, `files` the Excel file; `saying` holds the words that several of them use.
"""

from handlers.attendance.panel import close_due

__all__ = ["close_due"]
