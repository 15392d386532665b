"""The keys of a stack, made once: the pair that signs access tokens, those of refresh tokens, cursors, mailed links
and texted codes, and the seed of the pair that signs anchors of the audit log. Locally also the secrets of webhooks; on AWS those are the
senders'.

RS256, because API Gateway's own authorizer takes RSA only.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

BITS = 2048


def _pem() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _parse(pem: bytes) -> RSAPrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("the token key is not an RSA key")
    return key


def _secret() -> bytes:
    return secrets.token_hex(32).encode()


@dataclass(frozen=True)
class Keys:
    """What the template is given."""

    pem: str
    refresh: str
    cursor: str
    link: str
    code: str
    audit: str

    def parameters(self) -> dict[str, str]:
        """By the names that the parameter files use."""
        return {
            "TOKEN_JWKS": jwks(_parse(self.pem.encode())),
            "TOKEN_SIGNING_KEY": self.pem,
            "REFRESH_KEY": self.refresh,
            "CURSOR_KEY": self.cursor,
            "LINK_KEY": self.link,
            "CODE_KEY": self.code,
            "AUDIT_KEY": self.audit,
            "AUDIT_PUBLIC_KEY": audit_public_key(self.audit),
        }


def _in_file(path: Path, make: Callable[[], bytes]) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(make())
    return path.read_text(encoding="ascii")


def local(instance) -> Keys:
    """The keys in files that only their owner can read."""
    secrets = (instance.refresh_key, instance.cursor_key, instance.link_key, instance.code_key, instance.audit_key)
    return Keys(_in_file(instance.token_key, _pem), *(_in_file(path, _secret) for path in secrets))


def webhook_secrets(payment: Path, carrier: Path) -> dict[str, str]:
    """What the stand-ins sign with, by the names that the parameter files use."""
    return {
        "PAYMENT_WEBHOOK_SECRETS": _in_file(payment, _secret),
        "CARRIER_WEBHOOK_SECRETS": _in_file(carrier, _secret),
    }


def in_ssm(client, stack: str) -> Keys:
    """The keys in encrypted SSM parameters; they never touch a disk here."""

    def stored(name: str, make: Callable[[], bytes]) -> str:
        try:
            return client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        except client.exceptions.ParameterNotFound:
            made = make().decode()
            client.put_parameter(Name=name, Value=made, Type="SecureString")
            return made

    secrets = ("refresh-key", "cursor-key", "link-key", "code-key", "audit-key")
    return Keys(stored(f"/{stack}/token-key", _pem), *(stored(f"/{stack}/{name}", _secret) for name in secrets))


def audit_public_key(seed: str) -> str:
    """What verifies the signatures of a seed's key, in hexadecimal digits."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()


def _number(value: int) -> str:
    return _text(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def jwks(key: RSAPrivateKey) -> str:
    """The public key as a JSON Web Key Set; `kid` is its RFC 7638 thumbprint."""
    numbers = key.public_key().public_numbers()
    identity = {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}
    canonical = json.dumps(identity, sort_keys=True, separators=(",", ":")).encode()
    kid = _text(hashlib.sha256(canonical).digest())
    return json.dumps({"keys": [{**identity, "alg": "RS256", "kid": kid, "use": "sig"}]}, separators=(",", ":"))
