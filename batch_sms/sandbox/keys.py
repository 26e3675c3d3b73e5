"""The keys of the sandbox. They are public, in this file and in the handbook, and open nothing but the sandbox."""

from __future__ import annotations

SANDBOX_KEY_ID = "sandbox-key-id"
SANDBOX_KEY_SECRET = "sandbox-key-secret"  # noqa: S105 - a public key pair of a gateway that sends nothing

SANDBOX_STS_KEY_ID = "STS.sandbox-key-id"
SANDBOX_STS_KEY_SECRET = "sandbox-sts-secret"  # noqa: S105 - the same, for temporary credentials
SANDBOX_STS_TOKEN = "sandbox-sts-token"  # noqa: S105 - the same

SECRETS = {SANDBOX_KEY_ID: SANDBOX_KEY_SECRET, SANDBOX_STS_KEY_ID: SANDBOX_STS_KEY_SECRET}
"""The secret of every key id that the sandbox knows."""

TOKENS = {SANDBOX_STS_KEY_ID: SANDBOX_STS_TOKEN}
"""The security token that must come with a key id; other keys come without."""
