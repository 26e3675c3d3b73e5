"""The longer statements of the ledger's SQL."""

from __future__ import annotations

PER_RECIPIENT = "skip.PER_RECIPIENT"
TRIED = "state IN ('sending', 'accepted', 'rejected', 'in_doubt')"
SENT_ELSEWHERE = f"""
  EXISTS (SELECT 1 FROM row AS other JOIN list ON list.id = other.list_id
          WHERE other.identity = row.identity AND other.{TRIED} AND other.state <> 'rejected'
            AND other.sent_at >= :since AND list.run_id <> :run_id)
"""
SENT_TO = f"""
  (SELECT count(DISTINCT list.run_id || '.' || hex(other.identity) || '.' || other.occurrence)
   FROM row AS other JOIN list ON list.id = other.list_id
   WHERE other.phone = row.phone AND other.{TRIED} AND other.state <> 'rejected' AND other.sent_at >= :since
     AND other.occurrence > 0)
"""
"""How many messages a phone got, or may have got. One in several lists of a run is one; a test (occurrence 0) is none."""

CARRY_OVER = f"""
UPDATE row SET state = old.state, code = old.code, biz_id = old.biz_id, message = old.message,
  request_id = old.request_id, attempts = old.attempts, sent_at = old.sent_at, out_id = old.out_id,
  segments = old.segments, delivery = old.delivery, delivery_code = old.delivery_code, delivered_at = old.delivered_at
FROM row AS old
WHERE row.list_id = :new AND row.state IN ('pending', 'skipped')
  AND old.id = (SELECT max(tried.id) FROM row AS tried JOIN list ON list.id = tried.list_id
                WHERE tried.identity = row.identity AND tried.occurrence = row.occurrence AND tried.{TRIED}
                  AND list.run_id = :run_id AND list.id <> :new)
"""
"""The latest try in any list of the run: a row that was gone from one list may be back in the next."""
BEGIN = f"""
UPDATE row SET state = 'sending', code = '', message = '', attempts = attempts + 1, sent_at = :now
WHERE id = :id AND state = 'pending' AND NOT {SENT_ELSEWHERE}
"""
REOPEN_UNSENT = f"""
UPDATE row SET state = 'pending', code = ''
WHERE list_id = :list_id AND state = 'skipped' AND code = 'skip.ALREADY_SENT' AND NOT {SENT_ELSEWHERE}
"""
SETTLE = """
UPDATE row SET state = :state, code = :code, biz_id = :biz_id, message = :message, request_id = :request_id,
  attempts = attempts - (1 - :tried), segments = :segments WHERE id = :id
"""
HOLD = "UPDATE row SET state = 'skipped', code = 'skip.ALREADY_SENT' WHERE id = :id AND state = 'pending'"
HOLD_ENOUGH = f"""
UPDATE row SET state = 'skipped', code = :code
WHERE id = :id AND state = 'pending' AND {SENT_TO.replace(":since", ":sent_since")} >= :most
"""
LIMIT_RECIPIENTS = f"""
UPDATE row SET state = 'skipped', code = :code WHERE id IN (
  SELECT id FROM (SELECT id, phone, row_number() OVER (PARTITION BY phone ORDER BY id) AS place
                  FROM row WHERE list_id = :list_id AND state = 'pending') AS row
  WHERE place + {SENT_TO} > :most)
"""
