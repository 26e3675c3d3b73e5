"""The ledger's tables and their version. A change here raises VERSION and adds a step to STEPS, and never edits an old one."""

from __future__ import annotations

_FIRST = """
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  again INTEGER NOT NULL,
  created_at REAL NOT NULL,
  list_id INTEGER
);
CREATE TABLE list (
  id INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES run (id),
  name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  headers TEXT NOT NULL,
  entered_at REAL NOT NULL,
  output TEXT NOT NULL DEFAULT '',
  finished INTEGER NOT NULL DEFAULT 0,
  left_code TEXT NOT NULL DEFAULT '',
  left_message TEXT NOT NULL DEFAULT ''
);
CREATE TABLE row (
  id INTEGER PRIMARY KEY,
  list_id INTEGER NOT NULL REFERENCES list (id),
  number INTEGER NOT NULL,
  cells TEXT NOT NULL,
  problems TEXT NOT NULL,
  identity BLOB, occurrence INTEGER,
  phone TEXT, national TEXT, country TEXT, sign TEXT, template TEXT, params TEXT, out_id TEXT,
  state TEXT NOT NULL,
  code TEXT NOT NULL DEFAULT '',
  biz_id TEXT NOT NULL DEFAULT '',
  message TEXT NOT NULL DEFAULT '',
  request_id TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  sent_at REAL
);
CREATE INDEX row_of_list ON row (list_id);
CREATE INDEX row_tried ON row (identity) WHERE state IN ('sending', 'accepted', 'rejected', 'in_doubt');
"""

_SCHEDULE = """
CREATE TABLE zones (id INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE);
ALTER TABLE row ADD COLUMN zones_id INTEGER REFERENCES zones (id);
CREATE INDEX row_waiting ON row (list_id, zones_id) WHERE state = 'pending' AND zones_id IS NOT NULL;
CREATE INDEX row_of_phone ON row (phone) WHERE sent_at IS NOT NULL;
CREATE TABLE tally (slot INTEGER PRIMARY KEY, count INTEGER NOT NULL);
INSERT INTO tally SELECT CAST(sent_at / 10 AS INTEGER), count(*) FROM row
  WHERE sent_at IS NOT NULL AND state IN ('sending', 'accepted', 'rejected', 'in_doubt') GROUP BY 1;
CREATE TABLE account_fault (code TEXT NOT NULL, message TEXT NOT NULL)
"""

_SEGMENTS = "ALTER TABLE row ADD COLUMN segments INTEGER NOT NULL DEFAULT 0"

_DELIVERY = """
ALTER TABLE row ADD COLUMN delivery TEXT NOT NULL DEFAULT '';
ALTER TABLE row ADD COLUMN delivery_code TEXT NOT NULL DEFAULT '';
ALTER TABLE row ADD COLUMN delivered_at REAL;
ALTER TABLE list ADD COLUMN api TEXT NOT NULL DEFAULT 'send-inter-sms';
CREATE TABLE receipt (
  id INTEGER PRIMARY KEY,
  row_id INTEGER REFERENCES row (id),
  biz_id TEXT NOT NULL,
  phone TEXT NOT NULL,
  out_id TEXT NOT NULL,
  delivery TEXT NOT NULL,
  code TEXT NOT NULL,
  received_at REAL NOT NULL,
  UNIQUE (biz_id, phone, out_id, delivery, code, received_at)
);
CREATE INDEX receipt_unmatched ON receipt (id) WHERE row_id IS NULL
"""

_APIS = "CREATE INDEX list_by_api ON list (api)"

_CARRIED = """
ALTER TABLE row ADD COLUMN api TEXT NOT NULL DEFAULT '';
ALTER TABLE row ADD COLUMN origin TEXT NOT NULL DEFAULT ''
"""
"""What was carried over from an earlier list: the API that it went by, and what it was there if it was another message."""

STEPS: tuple[str, ...] = (_FIRST, _SCHEDULE, _SEGMENTS, _DELIVERY, _APIS, _CARRIED)
"""What brings a ledger of version N (the index) to version N + 1."""

VERSION = len(STEPS)


def statements(step: str) -> list[str]:
    """The single statements of a step, so that they can run inside one transaction."""
    return [statement for statement in step.split(";") if statement.strip()]
