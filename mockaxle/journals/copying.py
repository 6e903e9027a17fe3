"""Copies a journal, and drops a world from one that no server holds."""

import json
from collections.abc import Callable
from datetime import datetime

from mockaxle.journals.engine import Engine, EngineRefused
from mockaxle.journals.finding import account_stream
from mockaxle.journals.rows import OF_A_USERNAME, BaseRecord, Batch, JournalRow, RowKind, new_id, row_text, state_key
from mockaxle.world.base_form import digests_in

COPIED_AT_ONCE = 200


def copy_journal(
    source: Engine, target: Engine, *, without_secrets: bool, progress: Callable[[int], None] = lambda count: None
) -> int:
    """Copy all streams to an empty journal, and return the number of worlds. `progress` gets that of those so far.

    Raises: EngineRefused.
    """
    if next(target.last_rows(), None) is not None:
        raise EngineRefused("the target is not empty: it has worlds, or had some")
    target.append(Batch(states=tuple((key, tuple(lines)) for key, lines in source.scenarios())))
    count = 0
    for last in source.last_rows():
        rows = _linked(source.rows(last.world))
        if without_secrets and last.world.startswith(OF_A_USERNAME):
            rows = [row._replace(text=_without_secrets(row.text)) for row in rows]
        for start in range(0, len(rows), COPIED_AT_ONCE):
            target.append(Batch(tuple(rows[start : start + COPIED_AT_ONCE])))
        for number in source.base_numbers(last.world):
            target.append(_base(source, rows, number))
        count += not last.world.startswith(OF_A_USERNAME)
        progress(count)
    return count


def drop_world(engine: Engine, name: str, *, address: str, real: datetime) -> None:
    """Drop a world with its accounts. Raises: KeyError if there is none, EngineRefused."""
    last = {row.world: row for row in engine.last_rows()}
    found = last.get(address)
    if found is None or found.kind == "closed":
        raise KeyError(name)
    rows = [_next(found, "closed", row_text({"real_at": real.isoformat(), "name": name}))]
    for row in last.values():
        if row.world.startswith(OF_A_USERNAME):
            account, secrets = row.head["account"], row.head["secrets"]
            is_of_world, has_secrets = account and account["world"] == name, row.world == account_stream(address)
            if is_of_world or (has_secrets and secrets):
                left = {"account": None if is_of_world else account, "secrets": {} if has_secrets else secrets}
                rows.append(_next(row, "account", row_text({**left, "real_at": real.isoformat()})))
    engine.append(Batch(tuple(rows), pruned=tuple((row.world, row.number) for row in rows)))


def _next(row: JournalRow, kind: RowKind, text: str) -> JournalRow:
    return row._replace(number=row.number + 1, id=new_id(), previous_id=row.id, kind=kind, text=text)


def _linked(rows: list[JournalRow]) -> list[JournalRow]:
    """Give each row the id of the one before it, by which an engine appends it."""
    befores = [None, *(row.id for row in rows)]
    return [row._replace(previous_id=before) for row, before in zip(rows, befores, strict=False)]


def _without_secrets(text: str) -> str:
    return row_text({**json.loads(text.partition("\n")[0]), "secrets": {}})


def _base(source: Engine, rows: list[JournalRow], number: int) -> Batch:
    address = rows[0].world
    lines = tuple(source.base(address, number))
    keys = [state_key(address, digest) for digest in digests_in(lines[1:])]
    made_with = next((row.made_with for row in rows if row.number == number), rows[-1].made_with)
    states = tuple((key, tuple(source.state(key))) for key in sorted(keys))
    return Batch(bases=(BaseRecord(address, number, made_with, lines),), states=states)
