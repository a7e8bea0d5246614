"""Mail to users: through an SMTP server, or into a local Maildir where none is set."""

from __future__ import annotations

import logging
import mailbox
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from service.settings import Settings

log = logging.getLogger(__name__)
_TIMEOUT = 20.0


class Mailer:
    """Sends plain text; a failure is logged without the text, which may hold a token."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, to: str, subject: str, text: str) -> None:
        """Send one message, or keep it in the mailbox."""
        message = EmailMessage()
        message["From"] = self._settings.mail_from
        message["To"] = to
        message["Subject"] = " ".join(subject.split())  # a line feed is refused
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain="jiebang")
        message.set_content(text)
        try:
            if self._settings.smtp_host:
                self._submit(message)
            else:
                folder = self._settings.mailbox_dir
                folder.parent.mkdir(parents=True, exist_ok=True)
                mailbox.Maildir(folder).add(message)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("mail could not be sent: %s", type(error).__name__)

    def _submit(self, message: EmailMessage) -> None:
        chosen = self._settings
        with smtplib.SMTP(chosen.smtp_host, chosen.smtp_port, timeout=_TIMEOUT) as server:
            if chosen.smtp_starttls:
                server.starttls(context=ssl.create_default_context())
            if chosen.smtp_user:
                server.login(chosen.smtp_user, chosen.smtp_password.get_secret_value())
            server.send_message(message)
