"""People at work on a server: what they send, what they note, and one record that all of them change."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from matcher.encoder import Progress
from matcher.listing import Listing

USERS = 50
SECONDS = 120.0
THINK = (2.0, 5.0)
PAGES, MATCHES = 0.7, 0.2
"""Shares of the requests; the rest are writes."""
ALONE = 30
"""Requests of each sort that one person sends beforehand: the baseline without load."""
SORTS = ("pages", "matches", "writes")
_SHARED = "bench-shared"
_OK, _CREATED, _CONFLICT = 200, 201, 412

_Call = Callable[[], Awaitable[None]]


def _sorts() -> dict[str, list[float]]:
    return {sort: [] for sort in SORTS}


@dataclass
class Crowd:
    """The people, what they know and what they noted: seconds by sort of request, and errors."""

    client: httpx.AsyncClient
    needs: list[str]
    achievements: list[str]
    texts: list[str]
    rng: random.Random
    taken: dict[str, list[float]] = field(default_factory=_sorts)
    alone: dict[str, list[float]] = field(default_factory=_sorts)
    errors: list[str] = field(default_factory=list)
    conflicts: int = 0
    raised: int = 0
    lost: int = 0

    async def page(self) -> None:
        choice = self.rng.random()
        if choice < 0.15:  # noqa: PLR2004  (shares of the pages that people open)
            await self._sent("GET", "/")
        elif choice < 0.5:  # noqa: PLR2004
            kind = self.rng.choice(("needs", "achievements"))
            word = self.rng.choice(self.texts)[:2]
            await self._sent("GET", f"/{kind}", params=self.rng.choice(({}, {"q": word})))
        else:
            known = self.rng.choice((("needs", self.needs), ("achievements", self.achievements)))
            await self._sent("GET", f"/{known[0]}/{self.rng.choice(known[1])}")

    async def match(self) -> None:
        if self.rng.random() < 0.5:  # noqa: PLR2004  (pasted texts and posted records alike)
            body = {"text": self.rng.choice(self.texts), "explain": True}
            await self._sent("POST", "/api/match", json=body)
        else:
            await self._sent(
                "GET", f"/api/needs/{self.rng.choice(self.needs)}/matches?explain=true"
            )

    async def write(self) -> None:
        if self.rng.random() < 0.5:  # noqa: PLR2004  (new records and changes alike)
            text = self.rng.choice(self.texts)
            body = {"title": text[:30], "problem_statement": text}
            await self._sent("POST", "/api/needs", json=body, wanted=(_CREATED,))
            return
        known = await self._sent("GET", f"/api/needs/{_SHARED}")
        if known is None:
            return
        answer = await self._sent(
            "PATCH",
            f"/api/needs/{_SHARED}",
            json={"problem_statement": _text(_number(known) + 1)},
            headers={"If-Match": known.headers["ETag"]},
            wanted=(_OK, _CONFLICT),
        )
        if answer is not None:
            self.conflicts += answer.status_code == _CONFLICT
            self.raised += answer.status_code == _OK

    async def _sent(  # noqa: ANN401 - what httpx takes
        self, method: str, path: str, *, wanted: tuple[int, ...] = (_OK,), **told: object
    ) -> httpx.Response | None:
        try:
            answer = await self.client.request(method, path, **told)  # type: ignore[arg-type]
        except httpx.TransportError as error:
            self.errors.append(f"{method} {path}: {error!r}")
            return None
        if answer.status_code not in wanted:
            self.errors.append(f"{method} {path}: {answer.status_code}")
        return answer

    async def person(self, number: int, end: float) -> None:
        """Work until `end`, starting at a moment of one's own."""
        rng = random.Random(f"person:{number}")
        await asyncio.sleep(rng.uniform(0, THINK[1]))
        while time.monotonic() < end:
            sort, call = self._chosen(rng.random())
            await _timed(call, self.taken[sort])
            await asyncio.sleep(rng.uniform(*THINK))

    def _chosen(self, share: float) -> tuple[str, _Call]:
        if share < PAGES:
            return "pages", self.page
        return ("matches", self.match) if share < PAGES + MATCHES else ("writes", self.write)


async def _timed(call: _Call, notes: list[float]) -> None:
    start = time.perf_counter()
    await call()
    notes.append(time.perf_counter() - start)


async def work(
    url: str,
    credentials: dict[str, str],
    asked: Sequence[Listing],
    offered: Sequence[Listing],
    progress: Progress,
) -> Crowd:
    """One person alone, then `USERS` for `SECONDS`; what they noted.

    `asked` are needs and `offered` achievements that the server at `url` holds; `credentials` are login
    and password of an administrator.
    """
    async with _crowd(url, credentials, asked, offered) as crowd:
        for sort, call in zip(SORTS, (crowd.page, crowd.match, crowd.write), strict=True):
            for _ in range(ALONE):
                await _timed(call, crowd.alone[sort])
        end = time.monotonic() + SECONDS
        people = [asyncio.create_task(crowd.person(n, end)) for n in range(USERS)]
        while not all(person.done() for person in people):
            progress(round(SECONDS - max(0.0, end - time.monotonic())), round(SECONDS))
            await asyncio.sleep(1)
        await asyncio.gather(*people)
        crowd.lost = crowd.raised - _number(await crowd.client.get(f"/api/needs/{_SHARED}"))
    return crowd


@asynccontextmanager
async def _crowd(
    url: str, credentials: dict[str, str], asked: Sequence[Listing], offered: Sequence[Listing]
) -> AsyncIterator[Crowd]:
    # shorter than the server keeps a connection: none is used while it is being closed
    limits = httpx.Limits(
        max_connections=USERS, max_keepalive_connections=USERS, keepalive_expiry=3.0
    )
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        known = await client.post("/api/auth/login", json=credentials)
        client.headers["Authorization"] = f"Bearer {known.json()['access_token']}"
        await client.delete(f"/api/needs/{_SHARED}")
        body = {"need_id": _SHARED, "title": "大家一起改的需求", "problem_statement": _text(0)}
        (await client.post("/api/needs", json=body)).raise_for_status()
        yield Crowd(
            client,
            [need.id for need in asked],
            [achievement.id for achievement in offered],
            [need.body for need in asked],
            random.Random(0),
        )


def _text(number: int) -> str:
    return f"五十个人轮流修改的同一条需求，每人加一，现在数到 {number}"


def _number(answer: httpx.Response) -> int:
    return int(str(answer.json()["problem_statement"]).split()[-1])
