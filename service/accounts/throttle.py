"""How often somebody may try: per account and address, by the `limits` library."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from service.errors import TooManyError

_PAIR = RateLimitItemPerMinute(5, 15, "pair")
"""Attempts on one account from one address."""
_ACCOUNT = RateLimitItemPerHour(30, 1, "account")
"""Failures on one account from everywhere."""
_ADDRESS = RateLimitItemPerMinute(50, 15, "address")
"""Failures from one address on every account."""
_FORMS = RateLimitItemPerHour(30, 1, "form")
"""Registrations, invitations and resets from one address."""
_MAIL = RateLimitItemPerHour(5, 1, "mail")
"""Mail to one person that anybody can ask for."""


class Throttle:
    """Counts attempts; `storage` is a storage of the limits library, such as `memory://`."""

    def __init__(self, storage: str) -> None:
        self._limiter = MovingWindowRateLimiter(storage_from_string(storage))

    def attempt(self, login: str, address: str) -> None:
        """Before a password is looked at; raises TooManyError."""
        for item, keys in ((_ACCOUNT, (login,)), (_ADDRESS, (address,))):
            if not self._limiter.test(item, *keys):
                self._refuse(item, *keys)
        self._count(_PAIR, login, address)

    def failed(self, login: str, address: str) -> None:
        """The password was wrong."""
        self._limiter.hit(_ACCOUNT, login)
        self._limiter.hit(_ADDRESS, address)

    def succeeded(self, login: str, address: str) -> None:
        """The password was right: earlier slips from there are forgotten."""
        self._limiter.clear(_PAIR, login, address)

    def form(self, what: str, address: str) -> None:
        """A form that anybody can send; raises TooManyError."""
        self._count(_FORMS, what, address)

    def mail(self, login: str) -> None:
        """Mail that anybody can have sent to `login`; raises TooManyError."""
        self._count(_MAIL, login)

    def _count(self, item: RateLimitItem, *keys: str) -> None:
        if not self._limiter.hit(item, *keys):
            self._refuse(item, *keys)

    def _refuse(self, item: RateLimitItem, *keys: str) -> None:
        wait = self._limiter.get_window_stats(item, *keys).reset_time - time.time()
        raise TooManyError("尝试次数过多，暂时不再受理", max(1, math.ceil(wait)))
