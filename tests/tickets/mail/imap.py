"""A mail server that speaks just enough IMAP over TLS to be read, and that can be told to misbehave."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import socketserver
import ssl
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a certificate for 127.0.0.1 that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail under test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    key_file, made_file = folder / "key.pem", folder / "cert.pem"
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    made_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return key_file, made_file


class MailServer(socketserver.ThreadingTCPServer):
    """`letters` by UID. `wrong`: "password" or "fetch" makes it fail there; it counts what it was asked."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        key, self.certificate = certificate(folder)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, key)
        self.letters: dict[int, bytes] = {}
        self.validity, self.wrong, self.said = 1, "", []  # type: ignore[var-annotated]
        super().__init__(("127.0.0.1", 0), _Conversation)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error of ours."""


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def setup(self) -> None:
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        self.say("* OK ready")
        while line := self.rfile.readline().decode().strip():
            self.server.said.append(line)
            tag, _blank, command = line.partition(" ")
            if not self.answer(tag, command):
                return

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def answer(self, tag: str, command: str) -> bool:
        word = command.upper()
        if word.startswith("CAPABILITY"):
            self.say("* CAPABILITY IMAP4rev1")
        elif word.startswith("LOGIN") and self.server.wrong == "password":
            self.say(f"{tag} NO [AUTHENTICATIONFAILED] wrong password")
            return True
        elif word.startswith(("SELECT", "EXAMINE")):
            self.say(f"* {len(self.server.letters)} EXISTS")
            self.say(f"* OK [UIDVALIDITY {self.server.validity}] valid")
        elif word.startswith("UID SEARCH"):
            after = int(re.search(r"UID (\d+):\*", word)[1])  # type: ignore[index]
            last = max(self.server.letters, default=0)
            found = [uid for uid in sorted(self.server.letters) if uid >= after or uid == last]
            self.say("* SEARCH " + " ".join(map(str, found)))
        elif word.startswith("UID FETCH"):
            return self.fetch(tag, command)
        elif word.startswith("LOGOUT"):
            self.say("* BYE")
            self.say(f"{tag} OK")
            return False
        self.say(f"{tag} OK done")
        return True

    def fetch(self, tag: str, command: str) -> bool:
        uid = int(command.split()[2])
        letter = self.server.letters.get(uid)
        if self.server.wrong == "fetch":
            return False
        if letter is not None and "SIZE" in command:
            self.say(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(letter)})")
        elif letter is not None:
            part = re.search(r"<0\.(\d+)>", command)
            letter = letter[: int(part[1])] if part else letter
            self.wfile.write(f"* 1 FETCH (UID {uid} BODY[] {{{len(letter)}}}\r\n".encode() + letter + b")\r\n")
        self.say(f"{tag} OK done")
        return True
