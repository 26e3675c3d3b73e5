"""``python -m batch_sms``."""

from batch_sms.cli import main

main()
