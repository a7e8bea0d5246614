"""Work that goes on in a thread of its own while the service runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


class Worker:
    """Calls `work` again and again until it is stopped, with a pause where nothing is left to do.

    `work` gets the event that tells it to stop, and returns whether to go on without a pause. What it
    raises is logged, and it is called again after the pause.
    """

    def __init__(self, name: str, work: Callable[[threading.Event], bool], pause: float) -> None:
        """`pause` is in seconds."""
        self._name = name
        self._work = work
        self._pause = pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; the first call is at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the call that is under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                busy = self._work(self._stop)
            except Exception:
                log.exception("%s failed and is tried again", self._name)
                busy = False
            if not busy:
                self._stop.wait(self._pause)
