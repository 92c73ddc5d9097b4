"""Yearly commitments: written heading by heading, signed by a tap, compared at year's end."""

from handlers.pledges.notices import remind

__all__ = ["remind"]
