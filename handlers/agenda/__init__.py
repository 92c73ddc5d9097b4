"""The agenda: written before a meeting (`preparing`), read by who is convened (`reading`), ticked
off in the room (`running`); `templates` has what a usual meeting takes, `showing` how it looks.
"""

from handlers.agenda import preparing, reading, running

__all__ = ["preparing", "reading", "running"]
