"""What went out elsewhere: in other runs, in earlier lists of this one, by an API of the other kind (with a template or not)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from batch_sms.ledger.runs import Run
from batch_sms.ledger.statements import GOT_OTHERWISE, OTHER_APIS, SENT_OTHERWISE, TRIED, WENT_OTHERWISE
from batch_sms.ledger.values import marks, status_of, to_json
from batch_sms.ledger.waiting import Waiting
from batch_sms.model import Checked, Status

ALREADY_SENT_WITHIN = timedelta(hours=12)
_NEVER = 1e18
_PAGE = 500
_COMPARED = """
SELECT json_extract(value, '$[0]') AS identity, json_extract(value, '$[1]') AS occurrence,
  json_extract(value, '$[2]') AS phone, json_extract(value, '$[3]') AS template, json_extract(value, '$[4]') AS params,
  json_extract(value, '$[5]') AS cells, json_extract(value, '$[6]') AS number, 'pending' AS state
FROM json_each(:rows)
"""


class OtherRuns(Waiting):
    """The ledger as a run looks at the others."""

    def sent_elsewhere(self, identities: Iterable[bytes], run_name: str, now: datetime) -> frozenset[bytes]:
        """Those of the messages that another run sent, or may have sent, in the last 12 hours (design, section 3.4)."""
        found: set[bytes] = set()
        for some in in_pages(identities):
            found.update(
                identity
                for (identity,) in self._query(
                    "SELECT DISTINCT identity FROM row JOIN list ON list.id = row.list_id JOIN run ON run.id = run_id"
                    f" WHERE identity IN ({marks(some)}) AND {TRIED} AND state <> 'rejected'"
                    " AND sent_at >= ? AND run.name <> ?",
                    (*some, since(now), run_name),
                )
            )
        return frozenset(found)

    def became(self, run: Run, rows: Sequence[Checked], api: str) -> dict[tuple[bytes, int], Status]:
        """What became in the run's lists of those of the rows, to be sent by this API now, that were tried; the latest of it.

        By identity and occurrence. By an API of the other kind it is the same row of the list that counts.
        """
        found: dict[tuple[bytes, int], tuple[int, str]] = {}
        for some in in_pages(row.identity for row in rows if row.sendable):
            found.update(
                ((identity, occurrence), (row_id, state))
                for identity, occurrence, state, row_id in self._query(  # what stands beside max() is of the row that has it
                    "SELECT identity, occurrence, state, max(row.id) FROM row JOIN list ON list.id = list_id"
                    f" WHERE identity IN ({marks(some)}) AND run_id = ? AND {TRIED} GROUP BY identity, occurrence",
                    (*some, run.id),
                )
            )
        if self._has_others(api):
            facts = {"rows": _as_json(rows), "run_id": run.id, "api": api, "new": 0}
            for identity, occurrence, row_id, state in self._query(_WENT, facts):
                key = bytes.fromhex(identity), occurrence
                found[key] = max(found.get(key, (0, "")), (row_id, state))
        return {key: status_of(state) for key, (_, state) in found.items()}

    def _has_others(self, api: str) -> bool:
        return bool(self._query(f"SELECT 1 WHERE {OTHER_APIS}", {"api": api}))

    def sent_otherwise(
        self, rows: Sequence[Checked], run: Run | None, list_name: str, api: str, now: datetime | None
    ) -> frozenset[tuple[bytes, int]]:
        """Those of the rows, to be sent by this API, whose phone got their message by one of the other kind.

        By identity and occurrence. In other runs within 12 hours of ``now`` (None: these don't count); in ``run`` at any time,
        but not if it is known what ``became`` of the row there.
        """
        if not self._has_others(api):
            return frozenset()
        facts = {
            "rows": _as_json(rows),
            "since": since(now),
            "run_id": run.id if run is not None else 0,
            "list_name": list_name,
            "api": api,
            "new": 0,
        }
        found = self._query(_HELD_BACK, facts)
        return frozenset((bytes.fromhex(identity), occurrence) for identity, occurrence in found)


_WENT = f"""
SELECT row.identity, row.occurrence, old.id, old.state FROM ({_COMPARED}) AS row JOIN row AS old ON old.id = {WENT_OTHERWISE}
"""
_HELD_BACK = f"""
SELECT identity, occurrence FROM ({_COMPARED}) AS row
WHERE {SENT_OTHERWISE} OR {GOT_OTHERWISE} AND {WENT_OTHERWISE} IS NULL
"""


def there(run: Run) -> dict[str, object]:
    """What SENT_ELSEWHERE has to know of the run whose rows are looked up."""
    return {"run_id": run.id, "list_name": run.list_name, "api": run.api}


def since(now: datetime | None) -> float:
    """The moment (since 1970) from which on what another run sent counts; one that never comes where it does not count."""
    return (now - ALREADY_SENT_WITHIN).timestamp() if now is not None else _NEVER


def in_pages(identities: Iterable[bytes]) -> Iterator[list[bytes]]:
    """So many at once as a statement takes."""
    rest = iter(identities)
    while some := list(islice(rest, _PAGE)):
        yield some


def _as_json(rows: Sequence[Checked]) -> str:
    return to_json([_compared(row) for row in rows if row.sendable])


def _compared(row: Checked) -> tuple[object, ...]:
    """What of a row that is not entered yet is compared with those that are, in the order of _COMPARED."""
    message = row.message
    assert message is not None
    cells = to_json(row.row.cells)
    return row.identity.hex(), row.occurrence, message.phone, message.template, message.params, cells, row.row.number
