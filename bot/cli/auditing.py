"""The audit: who did what to whom, and whether all of it still stands as it was written."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from bot.cli.house import Commands, opened, working
from storage import audit
from storage.audit import Deed, Verdict, What

auditing = typer.Typer(
    cls=Commands, no_args_is_help=True, help="Who did what to whom; ids and keyed hashes only."
)

HEAD = typer.Option("--head", help="A head of another day, which must still be in the chain.")
AS_JSON = typer.Option("--json", help="As JSON, for a program.")
LIMIT = typer.Option("--limit", min=1, help="How many, the newest first.")

MEANING = {
    What.CHANGED: "it is not what was written",
    What.MISSING: "it was there once",
    What.OUT_OF_ORDER: "it does not follow from the one before",
    What.OTHER_KEY: "put that key into audit.key, as a line below the one in use",
}


@auditing.command()
def verify(head: Annotated[str, HEAD] = "", as_json: Annotated[bool, AS_JSON] = False) -> None:
    """Reads the whole chain; ends with 1 at the first entry that is not as it was sealed."""
    try:
        pinned = audit.parse_head(head) if head else None
    except ValueError as error:
        raise typer.BadParameter(f"{head} {error}", param_hint="--head") from None
    with opened() as (_settings, database), working("reading the chain"):
        database.run(audit.seal)
        verdict = database.run(lambda session: audit.verify(session, pinned=pinned))
    typer.echo(json.dumps(_as_json(verdict)) if as_json else _told(verdict))
    if verdict.fault is not None:
        raise typer.Exit(1)


@auditing.command(name="list")
def list_entries(
    limit: Annotated[int, LIMIT] = 50, as_json: Annotated[bool, AS_JSON] = False
) -> None:
    """Shows the newest entries."""
    with opened() as (_settings, database):
        database.run(audit.seal)
        entries = database.run(lambda session: audit.latest(session, limit=limit))
    if as_json:
        typer.echo(json.dumps([_entry(each) for each in entries], indent=2))
        return
    for each in entries:
        about, details = _pairs(each.about, ":"), _pairs(each.details, "=")
        typer.echo(
            f"{each.number or '-':>7}  {each.at:%Y-%m-%d %H:%M:%S}Z  {each.actor}  {each.did}"
            f"  {about}  {details}".rstrip()
        )


def _told(verdict: Verdict) -> str:
    if verdict.fault is None:
        return f"Entries: {verdict.count}, all in order.\nHead: {verdict.head}"
    number, what = verdict.fault.number, verdict.fault.what
    return f"Entry {number} is {what}: {MEANING[what]}. Those before it are in order."


def _as_json(verdict: Verdict) -> dict[str, Any]:
    fault = verdict.fault
    found = None if fault is None else {"entry": fault.number, "what": fault.what.value}
    return {"ok": fault is None, "count": verdict.count, "head": verdict.head, "fault": found}


def _entry(entry: Deed) -> dict[str, Any]:
    return {
        "entry": entry.number,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "did": entry.did,
        "about": entry.about,
        "details": entry.details,
        "hash": entry.hash,
    }


def _pairs(values: dict[str, Any], between: str) -> str:
    return " ".join(f"{name}{between}{value}" for name, value in values.items())
