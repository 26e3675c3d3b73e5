"""The ledger: what became of every row of every run. The only room that knows its SQL."""

from batch_sms.ledger.book import Ledger
from batch_sms.ledger.runs import Run
from batch_sms.ledger.statements import PER_RECIPIENT

__all__ = ["PER_RECIPIENT", "Ledger", "Run"]
