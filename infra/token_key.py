"""The key pair that signs access tokens: made once, the public half goes into the template.

RS256, because API Gateway's own authorizer takes RSA only.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
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


def local(path: Path) -> RSAPrivateKey:
    """The key in a file that only its owner can read."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_pem())
    return _parse(path.read_bytes())


def in_ssm(client, stack: str) -> RSAPrivateKey:
    """The key in an encrypted SSM parameter; it never touches a disk here."""
    name = f"/{stack}/token-key"
    try:
        stored = client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except client.exceptions.ParameterNotFound:
        stored = _pem().decode()
        client.put_parameter(Name=name, Value=stored, Type="SecureString")
    return _parse(stored.encode())


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
