"""Series: meetings that come every month by a rule.

`form` and `steps` ask for the rule, `wizard` is what the form is told and what it becomes;
`keeping` is where a committee sees its series and their next meetings, `notices` are the words of
what is sent; `showing` says a rule and its days in words.
"""

from handlers.series.notices import tell_missing, tend

__all__ = ["tell_missing", "tend"]
