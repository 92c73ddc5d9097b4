"""The roll: who is on it and how they can be reached; changing it by hand or by a file.

`listing` shows it, `members` changes one person, `roles` their roles, `importing` takes a file.
"""

from handlers.roster import importing, listing, members, roles

__all__ = ["importing", "listing", "members", "roles"]
