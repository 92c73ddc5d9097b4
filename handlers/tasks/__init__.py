"""Tasks: what a meeting resolves, carried out by its members.

`reading` understands a resolution in one line, `form` writes it down step by step, `desk` is the
committee's list and what it changes, `mine` is [Việc của tôi], `notices` are the words of what is
sent; `showing` says how a task is called everywhere.
"""

from handlers.tasks.notices import remind, tell_done, tell_overdue

__all__ = ["remind", "tell_done", "tell_overdue"]
