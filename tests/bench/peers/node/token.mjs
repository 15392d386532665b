// Access tokens: RS256, RFC 9068, by the rules of `shared/http-edge/src/token.rs`.

import { createPublicKey, verify } from "node:crypto";

const { TOKEN_JWKS, TOKEN_ISSUER, TOKEN_AUDIENCE } = process.env;
const LEEWAY = 30;
const FORM = /^bearer +([\w-]+)\.([\w-]+)\.([\w-]+) *$/i;
const keys = new Map(JSON.parse(TOKEN_JWKS).keys.map((key) => [key.kid, createPublicKey({ key, format: "jwk" })]));

const decoded = (part) => JSON.parse(Buffer.from(part, "base64url").toString());
const isId = (text, longest) => typeof text === "string" && text.length <= longest && /^[A-Za-z0-9._\-@:|]+$/.test(text);

function good({ iss, aud, sub, tenant, exp, iat, nbf = iat }) {
  const now = Date.now() / 1000;
  const timely = [exp, iat, nbf].every(Number.isSafeInteger) && exp + LEEWAY > now && Math.max(iat, nbf) - LEEWAY <= now;
  return timely && iss === TOKEN_ISSUER && aud === TOKEN_AUDIENCE && isId(sub, 64) && isId(tenant, 32);
}

/** The claims of a token that is good now, else nothing. */
export function principal(authorization = "") {
  const [, head, body, signature] = (authorization.length <= 4096 && FORM.exec(authorization)) || [];
  try {
    const { alg, typ, kid, crit } = decoded(head);
    const ours = alg === "RS256" && typ.toLowerCase() === "at+jwt" && crit === undefined && keys.has(kid);
    const signed = () => verify("RSA-SHA256", Buffer.from(`${head}.${body}`), keys.get(kid), Buffer.from(signature, "base64url"));
    const claims = ours && signed() && decoded(body);
    return claims && good(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}
