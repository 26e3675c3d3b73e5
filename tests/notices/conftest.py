from __future__ import annotations

import pytest
from harness import Hook


@pytest.fixture
def open_hook():
    """Open web hooks; they end with the test."""
    hooks = []

    def make(status=204):
        hooks.append(Hook(status))
        return hooks[-1]

    yield make
    for hook in hooks:
        hook.close()
