"""Attendance: one live card in the group, and the committee's screens in private.

`card` is what everybody sees and taps, `panel` where the committee opens, watches and closes,
`entering` writes down those who cannot tap, `result` is what stands at the end, `late` is for who
missed it, `spotting` asks the chair to look once more, `files` is the Excel file; `saying` holds
the words that several of them use.
"""

from handlers.attendance.panel import close_due
from handlers.attendance.spotting import look

__all__ = ["close_due", "look"]
