"""The two memories of the gateway: nonces that were used, and how many calls came in the last second."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

NONCE_MEMORY = timedelta(minutes=15)
"""How long a nonce must not come again (reference aliyun.md section 2.1)."""


class Nonces:
    """The nonces of the last 15 minutes. Moments are given, so it knows no clock."""

    def __init__(self) -> None:
        self._used: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def claim(self, nonce: str, at: datetime) -> bool:
        """Whether the nonce is fresh; from now on it is not."""
        with self._lock:
            self._forget(at - NONCE_MEMORY)
            if nonce in self._used:
                return False
            self._used[nonce] = at
            return True

    def _forget(self, before: datetime) -> None:
        while self._used:
            oldest = next(iter(self._used))
            if self._used[oldest] >= before:
                return
            del self._used[oldest]


class Throttle:
    """Lets at most ``qps`` calls through in any second, like the flow control of an account; None lets all through."""

    def __init__(self, qps: float | None) -> None:
        if qps is not None and qps <= 0:
            raise ValueError("qps must be more than 0")
        self._span = max(1.0, 1.0 / qps) if qps else 0.0
        self._passed: deque[float] | None = deque(maxlen=max(1, int(qps))) if qps else None
        self._lock = threading.Lock()

    def admits(self, now: float) -> bool:
        """Whether a call at this moment (seconds of a steady clock) goes through; one that is denied does not count."""
        if self._passed is None:
            return True
        with self._lock:
            if len(self._passed) == self._passed.maxlen and now - self._passed[0] < self._span:
                return False
            self._passed.append(now)
            return True
