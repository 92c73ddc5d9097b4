"""The organisation's own form of the minutes: a unit's, for itself and those below that have none.

What is kept here has been looked at (`bot/reader.py`); a file that was refused leaves nothing.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from storage import audit
from storage.acts import Did
from storage.errors import Refusal
from storage.minutes.tables import Template
from storage.powers import Actor, require
from storage.roster import Unit, lineage_ids, unit_lineage

# -- actions -----------------------------------------------------------------------------------


def keep_form(
    session: Session, actor: Actor, unit_id: int, name: str, content: bytes, *, now: datetime
) -> Template:
    """From now on the minutes of the unit, and of those below, are made from this form."""
    require(actor, "minutes.form", unit_lineage(session, unit_id))
    if not content:
        raise Refusal("This form cannot be used; the one before stays.")
    form = session.get(Template, unit_id) or Template(
        unit_id=unit_id, name=name, content=content, set_at=now
    )
    form.name, form.content, form.set_by, form.set_at = name, content, actor.person_id, now
    session.add(form)
    session.flush()
    audit.record(session, actor, Did.FORM_KEEP, {"unit": unit_id}, now=now, bytes=len(content))
    return form


def drop_form(session: Session, actor: Actor, unit_id: int, *, now: datetime) -> None:
    """The unit goes back to the form of the one above, else to the default; twice is once."""
    require(actor, "minutes.form", unit_lineage(session, unit_id))
    form = session.get(Template, unit_id)
    if form is not None:
        session.delete(form)
        session.flush()
        audit.record(session, actor, Did.FORM_DROP, {"unit": unit_id}, now=now)


# -- questions ---------------------------------------------------------------------------------


def form_for(session: Session, unit: Unit) -> Template | None:
    """The form in force: the unit's own, or that of the nearest above; None: the default."""
    ids = lineage_ids(unit.lineage)
    found = session.exec(select(Template).where(col(Template.unit_id).in_(ids))).all()
    return max(found, key=lambda each: ids.index(each.unit_id), default=None)


def form_desk(session: Session, actor: Actor, unit_id: int) -> tuple[Unit, Template | None]:
    """A unit and the form in force there, for one who may change it."""
    require(actor, "minutes.form", unit_lineage(session, unit_id))
    unit = session.get_one(Unit, unit_id)
    return unit, form_for(session, unit)
