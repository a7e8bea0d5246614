"""A real server process on an empty database, and a headless Chromium that talks to it."""

from __future__ import annotations

import json
import mailbox
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.accounts import add_admin_to, sign_in
from tests.browser.records import ACHIEVEMENTS, NEEDS
from tests.server import environment, free_port

ROOT = Path(__file__).parents[2]
START = """
import sys, uvicorn
from service.app import create_app
from service.settings import Settings
uvicorn.run(create_app(Settings()), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""
READY_SECONDS = 120


@dataclass(frozen=True)
class Site:
    """A running service."""

    url: str
    client: httpx.Client
    home: Path = Path()

    def mailed(self, path: str) -> str:
        """The newest token that was mailed in a link to `path`."""
        box = mailbox.Maildir(self.home / "mailbox", create=False)
        found = sorted(box, key=lambda mail: mail["Message-ID"])
        texts = [(mail.get_payload(decode=True) or b"").decode() for mail in found]
        return re.findall(rf"/{path}\?token=(\S+)", "\n".join(texts))[-1]

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST JSON to the API."""
        answer = self.client.post(f"/api/{path}", json=body)
        assert answer.status_code == 201, answer.text
        created: dict[str, Any] = answer.json()
        return created

    def sign_in(self, context: BrowserContext) -> None:
        """Let a browser profile share the session of `client`."""
        context.add_cookies(
            [
                {"name": c.name, "value": c.value or "", "url": self.url}
                for c in self.client.cookies.jar
            ]
        )

    def get(self, path: str, **params: Any) -> Any:
        """GET JSON from the API."""
        answer = self.client.get(f"/api/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def load(self, kind: str, records: list[dict[str, Any]]) -> None:
        """Import records, and wait until matches reflect them."""
        lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
        answer = self.client.post(
            "/api/imports", data={"kind": kind}, files={"file": ("records.jsonl", lines.encode())}
        )
        assert answer.json()["accepted"] == len(records), answer.text
        wait_for(lambda: self.get("health")["lag"] == 0)


def wait_for(condition: Any) -> None:
    """Return when `condition()` holds."""
    end = time.monotonic() + READY_SECONDS
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, new_home: Callable[[Path], Path]
) -> Iterator[Site]:
    """The service with the records of `tests.browser.records`."""
    home = new_home(tmp_path_factory.mktemp("home"))
    add_admin_to(home)
    port = free_port()
    log = home / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-c", START, str(port)],
            cwd=home,
            env=environment(home) | {"PYTHONPATH": str(ROOT)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:

            def ready() -> bool:
                assert server.poll() is None, log.read_text()
                try:
                    return client.get("/api/health").status_code == 200
                except httpx.TransportError:
                    return False

            wait_for(ready)
            sign_in(client)
            site = Site(f"http://127.0.0.1:{port}", client, home)
            site.load("achievement", ACHIEVEMENTS)
            site.load("need", NEEDS)
            yield site
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or "/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def context(site: Site, browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile in which the administrator is signed in."""
    context = browser.new_context(base_url=site.url, locale="zh-CN")
    site.sign_in(context)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab in which no script may fail and nothing may break the content security policy."""
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    page = context.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    assert faults == []


@pytest.fixture
def tab(site: Site, browser: Browser) -> Iterator[Callable[[httpx.Client], Page]]:
    """Opens a browser of a signed-in client."""
    made = []

    def open_(client: httpx.Client) -> Page:
        context = browser.new_context(base_url=site.url, locale="zh-CN")
        made.append(context)
        Site(site.url, client).sign_in(context)
        return context.new_page()

    yield open_
    for context in made:
        context.close()
