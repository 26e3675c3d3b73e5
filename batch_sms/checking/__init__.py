"""The check: a row made into a message or into problems. Pure, but for the spool that holds the rows of a long list."""
