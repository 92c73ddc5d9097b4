"""The roll: who is on it and how they can be reached; changing it by hand or by a file.

`listing` shows it, `members` is about one person, `correcting` changes a field of theirs, `roles`
their roles, `importing` takes a file.
"""

from handlers.roster import correcting, importing, listing, members, roles

__all__ = ["correcting", "importing", "listing", "members", "roles"]
