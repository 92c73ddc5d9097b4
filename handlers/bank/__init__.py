"""The question bank, as its authors see it; and how a question of any kind is asked."""

from handlers.bank.importing import preview

__all__ = ["preview"]
