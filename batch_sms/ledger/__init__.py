"""The ledger: what became of every row of every run. The only room that knows its SQL."""

from batch_sms.ledger.book import PER_RECIPIENT, Ledger
from batch_sms.ledger.runs import Run

__all__ = ["PER_RECIPIENT", "Ledger", "Run"]
