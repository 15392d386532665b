// What an order is: the checks of a body, prices, the id, the item. By the rules of `shared/contracts/src/http.rs`,
// `shared/domain/src/placement.rs` and `shared/dynamo-store/src/item/order.rs`.

import { createHash } from "node:crypto";

/** Answered as a problem (RFC 9457). */
export class Refusal extends Error {
  constructor(status, slug, detail) {
    super(detail);
    Object.assign(this, { status, slug });
  }
}

// Members in the order in which they are hashed.
const ADDRESS = { name: "string", street: "string", city: "string", postcode: "string", country: "string" };
const BODY = {
  lines: [{ product_id: "string", quantity: "integer" }], ship_to: ADDRESS, payment_method: "string",
  "contact?": { email: "string" }, "expected_total?": { minor: "integer", currency: "string" },
};
const EMAIL = /^[\w!#$%&'*+\-/=?^`{|}~.]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

/** The value with its members in our order; refused when it has others. */
function shaped(value, type, at = "") {
  const unexpected = (what) => new Refusal(400, "unexpected-body", `${at}: ${what}`);
  if (typeof type === "string") {
    if (type === "integer" ? !Number.isSafeInteger(value) : typeof value !== type) throw unexpected(`a ${type} is expected`);
    return value;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) !== Array.isArray(type)) throw unexpected("another type is expected");
  if (Array.isArray(type)) return value.map((each, index) => shaped(each, type[0], `${at}/${index}`));
  const stranger = Object.keys(value).find((name) => !Object.hasOwn(type, name) && !Object.hasOwn(type, `${name}?`));
  if (stranger !== undefined) throw unexpected(`unknown field ${stranger}`);
  const names = Object.keys(type).map((name) => [name, name.replace("?", "")]);
  const present = names.filter(([name, plain]) => name === plain || (value[plain] ?? null) !== null);
  return Object.fromEntries(present.map(([name, plain]) => [plain, shaped(value[plain], type[name], `${at}/${plain}`)]));
}

function must(holds, at, rule) {
  if (!holds) throw new Refusal(422, "invalid-body", `${at}: ${rule}`);
}

/** What a body asks for: lines merged by product, and the hash that tells a repeat from a reused key. */
export function placement(json) {
  const body = shaped(json, BODY);
  const { ship_to: to, payment_method: method, contact, expected_total: expected } = body;
  const lines = new Map();
  for (const { product_id, quantity } of body.lines) {
    must(/^[A-Za-z0-9._\-@:|]{1,64}$/.test(product_id), "/lines", "an id of 1 to 64 characters");
    lines.set(product_id, (lines.get(product_id) ?? 0) + quantity);
    must(quantity >= 1 && lines.get(product_id) <= 1000, "/lines", "a quantity of 1 to 1000");
  }
  must(lines.size >= 1 && lines.size <= 50 && body.lines.length <= 500, "/lines", "1 to 50 lines");
  for (const [name, line] of Object.entries(to)) {
    must(line.trim() !== "" && [...line].length <= 120 && !/\p{Cc}/u.test(line), `/ship_to/${name}`, "1 to 120 printable characters");
  }
  must(/^[A-Z]{2}$/.test(to.country), "/ship_to/country", "two capital letters");
  must(/^\w{1,64}$/.test(method) && !/\d{12}/.test(method.replaceAll("_", "")), "/payment_method", "the provider's token");
  const email = contact?.email.trim();
  must(email === undefined || (EMAIL.test(email) && email.length <= 254), "/contact/email", "an e-mail address");
  must(!expected || (expected.minor >= 0 && /^[A-Z]{3}$/.test(expected.currency)), "/expected_total", "an amount");
  return { lines: [...lines], to, method, email, expected, hash: createHash("sha256").update(JSON.stringify(body)).digest("hex") };
}

/** The lines at the catalogue's prices, and their sum. */
export function priced({ lines, expected }, products) {
  const result = lines.map(([id, quantity]) => {
    const product = products.get(id);
    if (!product) throw new Refusal(422, "unknown-product", `there is no product ${id}`);
    if (!product.active) throw new Refusal(422, "product-not-on-sale", `product ${id} is not on sale`);
    return { ...product, id, quantity };
  });
  const [{ currency }] = result;
  const total = result.reduce((sum, { quantity, price }) => sum + quantity * price, 0);
  const sound = Number.isSafeInteger(total) && result.every((line) => line.currency === currency);
  if (!sound) throw new Refusal(422, "amount", "the order cannot be added up");
  const agreed = !expected || (expected.minor === total && expected.currency === currency);
  if (!agreed) throw new Refusal(409, "total-differs", `the total is ${total} ${currency} in minor units`);
  return { lines: result, total, currency };
}

/** The first 128 bits of SHA-256 over the length-prefixed parts, as a UUID of version 8. */
export function orderId(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(Buffer.byteLength(part)));
    hash.update(length).update(part);
  }
  const id = hash.digest().subarray(0, 16);
  id[6] = (id[6] & 0x0f) | 0x80;
  id[8] = (id[8] & 0x3f) | 0x80;
  return id.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

const S = (value) => ({ S: value });
const N = (value) => ({ N: `${value}` });

/** The item of a new order, with the event that it was placed. */
export function newItem(id, { tenant, sub, email }, asked, { lines, total, currency }, trace) {
  const now = Date.now();
  const nanos = (ms) => `${ms}000000`;
  const shard = parseInt(id.at(-1), 16) & 3;
  const line = ({ id, sku, quantity, price }) => ({ M: { product: S(id), sku: S(sku), qty: N(quantity), price: N(price) } });
  const address = Object.entries(asked.to).map(([name, text]) => [name, S(text.trim())]);
  const contact = asked.email ?? email;
  return {
    pk: S(`ORDER#${id}`), entity: S("order"), version: N(1),
    customer_key: S(`CUSTOMER#${tenant}#${sub}`), placed_key: S(`${nanos(now)}#${id}`),
    day_shard: S(`${new Date(now).toISOString().slice(0, 10)}#${shard}`),
    news: { BOOL: true },
    lines: { L: lines.map(line) }, total: N(total), currency: S(currency),
    ship_to: { M: Object.fromEntries(address) }, method: S(asked.method), ...(contact && { email: S(contact) }),
    request: S(asked.hash), trace: S(trace), status: S("pending"), epoch: N(1),
    events: { L: [{ M: { s: N(1), t: N(nanos(now)), k: S("placed") } }] },
  };
}

/** What the caller is told of an order: only what never changes about it. */
export function answerOf({ pk, lines, total, currency, placed_key }) {
  const line = ({ M: { product, sku, qty, price } }) => ({ product_id: product.S, sku: sku.S, quantity: +qty.N, unit_price_minor: +price.N });
  return {
    order_id: pk.S.replace("ORDER#", ""), status: "pending", lines: lines.L.map(line),
    subtotal: { minor: +total.N, currency: currency.S }, shipping: { minor: 0, currency: currency.S },
    tax: { minor: 0, currency: currency.S }, total: { minor: +total.N, currency: currency.S }, placed_at: new Date(+placed_key.S.slice(0, 13)).toISOString(),
  };
}
