"""How often, and after how long, a failed request is sent again."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class RetryRules:
    """When a failed request is sent again.

    Attributes
    ----------
    tries : int
        Requests in all before giving up.
    first, longest : float
        The wait before the second try is at most ``first`` seconds, and doubles from try to try up to
        ``longest``; the actual wait is random below that, so that clients do not come back in step.
    patience : float
        The longest ``Retry-After`` that is waited for, in seconds.
    """

    tries: int = 6
    first: float = 0.5
    longest: float = 20.0
    patience: float = 120.0

    def delay(self, failures: int, after: float | None) -> float | None:
        """Return the seconds to wait after so many failures; None to give up.

        Parameters
        ----------
        failures : int
            Failed requests so far, at least 1.
        after : float or None
            What the server's Retry-After asks for, in seconds.
        """
        if failures >= self.tries or (after is not None and after > self.patience):
            return None
        jitter = random.random() * min(self.longest, self.first * 2.0 ** (failures - 1))  # noqa: S311 - not a secret
        return max(after or 0.0, jitter)
