"""How a run ended, told to others: a file and a web hook. Neither fails a run, and neither gets a phone or a secret."""
