#!/usr/bin/python3
"""smtp_server.py DIR [CERT KEY] - a real SMTP server for test_mail: writes its port to DIR/port and each
mail, taken apart by Python's own parser, as a line of JSON to DIR/mails. With CERT and KEY it offers
STARTTLS, and then wants a log-in (user "shomei", password "correct horse").

busy@… is refused with 451 the first time, gone@… with 550 always, spam@… with 554 after DATA.
"""
import email
import email.policy
import json
import os
import signal
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

seen = set()


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        local = address.split("@")[0]
        if local == "gone":
            return "550 5.1.1 no such user"
        if local == "busy" and address not in seen:
            seen.add(address)
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("spam@"):
            return "554 5.7.1 we do not want this"
        mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        parts = {p.get_content_type(): p.get_content().replace("\r\n", "\n") for p in mail.walk() if not p.is_multipart()}
        longest = max(len(line) for line in envelope.original_content.split(b"\r\n"))
        with open(os.path.join(folder, "mails"), "a", encoding="utf-8") as f:
            f.write(json.dumps({
                "mail_from": envelope.mail_from, "rcpt": envelope.rcpt_tos, "from": str(mail["From"]),
                "to": str(mail["To"]), "subject": str(mail["Subject"]), "id": str(mail["Message-ID"]),
                "date": str(mail["Date"]), "type": mail.get_content_type(), "lang": str(mail["Content-Language"]),
                "text": parts.get("text/plain"), "html": parts.get("text/html"),
                "defects": len(mail.defects), "tls": session.ssl is not None,
                "login": bool(session.authenticated), "longest": longest,
                "bare": envelope.original_content.replace(b"\r\n", b"").count(b"\n")},
                ensure_ascii=False) + "\n")
        return "250 accepted"


def login(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and data.login == b"shomei" and data.password == b"correct horse"
    return AuthResult(success=good, handled=good)


folder = sys.argv[1]
options = {}
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    options = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": login}


class Local(Controller):
    """Takes any free port."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


controller = Local(Handler(), hostname="127.0.0.1", port=0, **options)
controller.start()
with open(os.path.join(folder, "port.new"), "w", encoding="ascii") as f:
    f.write(str(controller.server.sockets[0].getsockname()[1]))
os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
signal.sigwait([signal.SIGTERM])
controller.stop()
