"""The longer statements of the ledger's SQL."""

from __future__ import annotations

from batch_sms.model import THE_TEXT

PER_RECIPIENT = "skip.PER_RECIPIENT"
TRIED = "state IN ('sending', 'accepted', 'rejected', 'in_doubt')"
_SAME_MESSAGE = f"""
  EXISTS (SELECT 1 FROM row AS other JOIN list ON list.id = other.list_id
          WHERE other.identity = row.identity AND other.{TRIED} AND other.state <> 'rejected'
            AND other.sent_at >= :since AND list.run_id <> :run_id)
"""


def _text_of(row: str) -> str:
    """The text of a message without a template, and what it would be of one with a template; NULL where that can't be told."""
    members = f"FROM json_each(CASE {row}.params WHEN '' THEN '{{}}' ELSE {row}.params END)"
    return (
        f"coalesce((SELECT max(value) {members} WHERE lower(key) = '{THE_TEXT}'),"
        f" (SELECT CASE count(*) WHEN 1 THEN max(value) END {members}))"
    )


OTHER_APIS = "((SELECT min(api) FROM list) <> :api OR (SELECT max(api) FROM list) <> :api)"
_BY_ANOTHER_API = f"""
  row AS other JOIN list ON list.id = other.list_id
  WHERE other.phone = row.phone AND other.sent_at IS NOT NULL AND other.{TRIED} AND other.occurrence > 0
    AND (other.template = '') <> (row.template = '')
"""
SENT_OTHERWISE = f"""
  ({OTHER_APIS}
   AND EXISTS (SELECT 1 FROM {_BY_ANOTHER_API} AND other.state <> 'rejected' AND list.run_id <> :run_id
                 AND other.sent_at >= :since
                 AND ({_text_of("other")} = {_text_of("row")} OR list.name = :list_name AND other.cells = row.cells)))
"""
"""A message with a template and one without never have one identity, but the person would get both.

So what counts across the two, in other runs, is the text as far as it can be told, and the row of the list.
"""
GOT_OTHERWISE = f"""
  ({OTHER_APIS} AND EXISTS (SELECT 1 FROM {_BY_ANOTHER_API} AND other.state <> 'rejected' AND list.run_id = :run_id))
"""
"""In one run the phone is enough, for a row that is not known to be another one's successor (WENT_OTHERWISE)."""
WENT_OTHERWISE = f"""
  CASE WHEN {OTHER_APIS} THEN
    (SELECT id FROM  -- what stands beside max() is of the row that has it
      (SELECT other.id AS id, max(2 * list.id + (other.cells = row.cells AND other.occurrence = row.occurrence))
       FROM {_BY_ANOTHER_API} AND list.run_id = :run_id AND list.id <> :new
         AND (other.cells = row.cells AND other.occurrence = row.occurrence
              OR other.number = row.number AND row.state = 'pending')))
  END
"""
"""The message of the run that the same row of its list became by an API of the other kind.

The same row has the same cells, or at least its place and its phone: a column may have come in for the other API.
"""
SENT_ELSEWHERE = f"({_SAME_MESSAGE} OR {SENT_OTHERWISE})"


def key_of(row: str) -> str:
    """What a message was entered as first: that of a row that was carried over from one API to another stays the same."""
    own = f"hex({row}.identity) || '.' || {row}.occurrence"
    return f"CASE {row}.origin WHEN '' THEN {own} ELSE {row}.origin END"


SENT_TO = f"""
  (SELECT count(DISTINCT list.run_id || '.' || {key_of("other")})
   FROM row AS other JOIN list ON list.id = other.list_id
   WHERE other.phone = row.phone AND other.{TRIED} AND other.state <> 'rejected' AND other.sent_at >= :since
     AND other.occurrence > 0)
"""
"""How many messages a phone got, or may have got. One in several lists of a run is one; a test (occurrence 0) is none."""

CARRY_OVER = f"""
UPDATE row SET state = old.state, code = old.code, biz_id = old.biz_id, message = old.message,
  request_id = old.request_id, attempts = old.attempts, sent_at = old.sent_at, out_id = old.out_id,
  segments = old.segments, delivery = old.delivery, delivery_code = old.delivery_code, delivered_at = old.delivered_at,
  api = CASE old.api WHEN '' THEN (SELECT list.api FROM list WHERE list.id = old.list_id) ELSE old.api END,
  origin = CASE WHEN old.identity = row.identity THEN old.origin ELSE {key_of("old")} END
FROM row AS old
WHERE row.list_id = :new AND row.state IN ('pending', 'skipped')
  AND old.id = max(coalesce((SELECT max(tried.id) FROM row AS tried JOIN list ON list.id = tried.list_id
                             WHERE tried.identity = row.identity AND tried.occurrence = row.occurrence AND tried.{TRIED}
                               AND list.run_id = :run_id AND list.id <> :new), 0),
                   coalesce({WENT_OTHERWISE}, 0))
"""
"""The latest try in any list of the run: a row that was gone from one list may be back in the next."""
BEGIN = f"""
UPDATE row SET state = 'sending', code = '', message = '', attempts = attempts + 1, sent_at = :now, api = ''
WHERE id = :id AND state = 'pending' AND NOT {SENT_ELSEWHERE}
"""
REOPEN_UNSENT = f"""
UPDATE row SET state = 'pending', code = ''
WHERE list_id = :list_id AND state = 'skipped' AND code = 'skip.ALREADY_SENT'
  AND NOT {SENT_ELSEWHERE} AND NOT {GOT_OTHERWISE}
"""
SETTLE = """
UPDATE row SET state = :state, code = :code, biz_id = :biz_id, message = :message, request_id = :request_id,
  attempts = attempts - (1 - :tried), segments = :segments WHERE id = :id
"""
HOLD = "UPDATE row SET state = 'skipped', code = 'skip.ALREADY_SENT' WHERE id = :id AND state = 'pending'"
HOLD_ENOUGH = f"""
UPDATE row SET state = 'skipped', code = :code
WHERE id = :id AND state = 'pending' AND {SENT_TO.replace(":since", ":now - :within")} >= :most
"""
LIMIT_RECIPIENTS = f"""
UPDATE row SET state = 'skipped', code = :code WHERE id IN (
  SELECT id FROM (SELECT id, phone, row_number() OVER (PARTITION BY phone ORDER BY id) AS place
                  FROM row WHERE list_id = :list_id AND state = 'pending') AS row
  WHERE place + {SENT_TO} > :most)
"""
