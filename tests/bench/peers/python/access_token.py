"""Access tokens: RS256, RFC 9068, by the rules of `shared/http-edge/src/token.rs`."""

import json
import os
import re
import time
from base64 import urlsafe_b64decode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

LEEWAY = 30
FORM = re.compile(r"bearer +([\w-]+)\.([\w-]+)\.([\w-]+) *", re.ASCII | re.IGNORECASE)
ID = re.compile(r"[A-Za-z0-9._\-@:|]+")


def _bytes(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _number(part: str) -> int:
    return int.from_bytes(_bytes(part), "big")


KEYS = {
    key["kid"]: RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()
    for key in json.loads(os.environ["TOKEN_JWKS"])["keys"]
}
ISSUER, AUDIENCE = os.environ["TOKEN_ISSUER"], os.environ["TOKEN_AUDIENCE"]


def _is_id(text: object, longest: int) -> bool:
    return isinstance(text, str) and len(text) <= longest and ID.fullmatch(text) is not None


def _good(claims: dict) -> bool:
    now, exp, iat = time.time(), claims["exp"], claims["iat"]
    nbf = claims.get("nbf", iat)
    timely = all(type(at) is int for at in (exp, iat, nbf)) and exp + LEEWAY > now and max(iat, nbf) - LEEWAY <= now
    meant = claims["iss"] == ISSUER and claims["aud"] == AUDIENCE
    return timely and meant and _is_id(claims["sub"], 64) and _is_id(claims["tenant"], 32)


def principal(authorization: str) -> dict | None:
    """The claims of a token that is good now, else nothing."""
    form = FORM.fullmatch(authorization) if len(authorization) <= 4096 else None
    if form is None:
        return None
    head, body, signature = form.groups()
    try:
        header = json.loads(_bytes(head))
        ours = header["alg"] == "RS256" and header["typ"].lower() == "at+jwt" and "crit" not in header
        if not ours or header["kid"] not in KEYS:
            return None
        KEYS[header["kid"]].verify(_bytes(signature), f"{head}.{body}".encode(), PKCS1v15(), SHA256())
        claims = json.loads(_bytes(body))
        return claims if _good(claims) else None
    except (InvalidSignature, ValueError, KeyError, TypeError, AttributeError):
        return None
