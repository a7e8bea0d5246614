"""Mail: the local mailbox, and a server that is spoken to over a real socket."""

from __future__ import annotations

import logging
import mailbox
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_string, policy

import pytest

from service.accounts.mail import Mailer
from service.settings import Settings
from tests.server import free_port

TEXT = "三十分钟内打开：https://jiebang.example/password/reset?token=jbm_secret"


class Conversation(socketserver.StreamRequestHandler):
    """As much of SMTP as one message takes."""

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        lines: list[str] = []
        in_data = False
        for raw in self.rfile:
            line = raw.decode().rstrip("\r\n")
            if in_data:
                in_data = line != "."
                lines.append(line)
                if not in_data:
                    self.server.messages.append("\n".join(lines[:-1]))  # type: ignore[attr-defined]
                    self.wfile.write(b"250 kept\r\n")
                continue
            in_data = line.upper() == "DATA"
            self.wfile.write(b"354 go on\r\n" if in_data else b"250 ok\r\n")


@pytest.fixture
def server() -> Iterator[socketserver.TCPServer]:
    with socketserver.TCPServer(("127.0.0.1", 0), Conversation) as made:
        made.messages = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def test_without_a_server_mail_is_kept_in_the_mailbox(settings: Settings) -> None:
    Mailer(settings).send("li@plant.example", "揭榜：重设密码", TEXT)
    (message,) = mailbox.Maildir(settings.mailbox_dir, create=False)
    assert message["To"] == "li@plant.example"
    assert (message.get_payload(decode=True) or b"").decode().strip() == TEXT


def test_mail_goes_to_the_server_of_the_settings(
    settings: Settings, server: socketserver.TCPServer
) -> None:
    chosen = {"smtp_host": "127.0.0.1", "smtp_port": server.server_address[1]}
    away = settings.model_copy(update=chosen | {"smtp_starttls": False})
    Mailer(away).send("li@plant.example", "揭榜：重设密码", TEXT)
    (sent,) = server.messages  # type: ignore[attr-defined]
    message = message_from_string(sent, policy=policy.default)
    assert message["Subject"] == "揭榜：重设密码"
    assert message.get_content().strip() == TEXT
    assert not settings.mailbox_dir.exists()


def test_a_server_that_is_away_is_logged_without_the_text(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = {"smtp_host": "127.0.0.1", "smtp_port": free_port()}
    Mailer(settings.model_copy(update=chosen)).send("li@plant.example", "x", TEXT)
    assert caplog.records[0].levelno >= logging.WARNING
    assert "jbm_secret" not in caplog.text
    assert "li@plant.example" not in caplog.text
