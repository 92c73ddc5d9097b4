"""Reports: how a unit meets over a year.

`screens` is what a committee presses through, `saying` the words that several use, `charts` draws
the picture, `files` makes it and the Excel file, `missed` tells a committee in private that
somebody stays away.
"""

from handlers.report.missed import weigh

__all__ = ["weigh"]
