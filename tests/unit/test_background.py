"""Workers go on after a failure, without a pause while there is work, and stop when told to."""

from __future__ import annotations

import threading

from service.background import Worker


def test_a_worker_outlives_a_failure_and_stops() -> None:
    calls: list[int] = []
    third = threading.Event()

    def work(_stop: threading.Event) -> bool:
        calls.append(len(calls))
        if len(calls) == 1:
            raise ValueError("the first call fails")
        if len(calls) >= 3:
            third.set()
        return len(calls) < 3

    worker = Worker("test", work, pause=0.01)
    worker.start()
    assert third.wait(10)
    worker.stop()
    done = len(calls)
    assert calls[:3] == [0, 1, 2]
    threading.Event().wait(0.05)
    assert len(calls) == done


def test_a_pause_ends_when_the_worker_is_stopped() -> None:
    called = threading.Event()

    def work(_stop: threading.Event) -> bool:
        called.set()
        return False

    worker = Worker("test", work, pause=3600)
    worker.start()
    assert called.wait(10)
    worker.stop()  # joins the thread: it would hang here for an hour
