// POST /api/v1/orders: the job of `functions/place-order`, with its environment, tables and answers.

import { randomUUID } from "node:crypto";
import { BatchGetItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { Refusal, answerOf, newItem, orderId, placement, priced } from "./order.mjs";
import { principal } from "./token.mjs";

const { ORDERS_TABLE, CATALOG_TABLE } = process.env;
const dynamo = new DynamoDBClient({ maxAttempts: 3, requestHandler: { connectionTimeout: 1000, requestTimeout: 3000 } });
const TTL_MS = 30_000;
const CAPACITY = 2000;
const kept = new Map();

async function products(ids) {
  const now = Date.now();
  if (kept.size > CAPACITY) kept.clear();
  const missing = ids.filter((id) => !(now - kept.get(id)?.at < TTL_MS));
  let wanted = missing.length === 0 ? {} : { [CATALOG_TABLE]: { Keys: missing.map((id) => ({ pk: { S: `PRODUCT#${id}` } })) } };
  for (const id of missing) kept.delete(id);
  for (let round = 0; Object.keys(wanted).length > 0; round++) {
    if (round === 4) throw new Error("the catalogue left products out");
    if (round > 0) await new Promise((resolve) => setTimeout(resolve, 20 << round));
    const answer = await dynamo.send(new BatchGetItemCommand({ RequestItems: wanted }));
    for (const { pk, sku, price, currency, active } of answer.Responses?.[CATALOG_TABLE] ?? []) {
      kept.set(pk.S.replace("PRODUCT#", ""), { at: now, sku: sku.S, price: +price.N, currency: currency.S, active: active.BOOL });
    }
    wanted = answer.UnprocessedKeys ?? {};
  }
  return kept;
}

/** An order that is there already answers a repeat of its request. */
function replay(item, asked) {
  if (item.request.S === asked.hash) return { item, replayed: true };
  throw new Refusal(422, "idempotency-key-reused", "the Idempotency-Key was used with another body");
}

async function place(id, who, asked, trace) {
  let item;
  try {
    item = newItem(id, who, asked, priced(asked, await products(asked.lines.map(([product]) => product))), trace);
  } catch (refusal) {
    const key = { TableName: ORDERS_TABLE, Key: { pk: { S: `ORDER#${id}` } }, ConsistentRead: true };
    const { Item: stored } = await dynamo.send(new GetItemCommand(key));
    if (stored) return replay(stored, asked);
    throw refusal;
  }
  try {
    await dynamo.send(new PutItemCommand({
      TableName: ORDERS_TABLE, Item: item, ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      ConditionExpression: "attribute_not_exists(#key)", ExpressionAttributeNames: { "#key": "pk" },
    }));
    return { item, replayed: false };
  } catch (error) {
    if (error.name === "ConditionalCheckFailedException" && error.Item) return replay(error.Item, asked);
    throw error;
  }
}

function read({ headers, body = "", isBase64Encoded }) {
  const isJson = /^application\/json *(; *charset="?utf-8"?)?$/i.test(headers["content-type"]);
  if (!isJson) throw new Refusal(415, "unsupported-media-type", "the body must be application/json");
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > 65_536) throw new Refusal(413, "body-too-large", "the body may have 65536 bytes");
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new Refusal(400, "malformed-json", "the body is not JSON");
  }
}

async function respond(event, line) {
  const who = principal(event.headers.authorization);
  if (!who) throw new Refusal(401, "unauthorised", "a valid access token is needed");
  const key = event.headers["idempotency-key"] ?? "";
  const json = read(event);
  if (!/^[!-~]{1,255}$/.test(key)) throw new Refusal(400, "idempotency-key", "1 to 255 visible ASCII characters are needed");
  const asked = placement(json);
  const id = orderId(who.tenant, who.sub, key);
  const { item, replayed } = await place(id, who, asked, line.traceparent);
  line["order.id"] = id;
  const headers = { "content-type": "application/json", location: `/api/v1/orders/${id}` };
  return { statusCode: 201, headers: replayed ? { ...headers, "idempotency-replayed": "true" } : headers, body: JSON.stringify(answerOf(item)) };
}

function problem(error, line) {
  const { status, slug } = error instanceof Refusal ? error : { status: 503, slug: "unavailable" };
  Object.assign(line, { outcome: slug, ...(status === 503 && { level: "ERROR", error: `${error.name}: ${error.message}` }) });
  const body = { type: `https://cartwright.example/problems/${slug}`, title: slug, status, ...(status < 500 && { detail: error.message }) };
  return { statusCode: status, headers: { "content-type": "application/problem+json" }, body: JSON.stringify(body) };
}

const SECURITY = {
  "cache-control": "no-store", "content-security-policy": "default-src 'none'; frame-ancestors 'none'", "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000; includeSubDomains", "x-content-type-options": "nosniff",
};

export async function handler(event, { awsRequestId: request_id }) {
  const started = performance.now();
  const given = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(event.headers.traceparent)?.[1];
  const traceparent = `00-${given ?? randomUUID().replaceAll("-", "")}-${randomUUID().slice(19).replace("-", "")}-01`;
  const ids = { "x-request-id": event.headers["x-request-id"] ?? randomUUID(), traceparent };
  const line = {
    time: new Date().toISOString(), level: "INFO", function: "place-order", request_id, "http.request_id": ids["x-request-id"],
    traceparent, "http.method": "POST", "http.route": "/api/v1/orders", outcome: "ok",
  };
  const response = await respond(event, line).catch((error) => problem(error, line));
  Object.assign(response.headers, SECURITY, ids);
  const duration_ms = Math.floor(performance.now() - started);
  console.log(JSON.stringify({ ...line, status: response.statusCode, duration_ms, message: "request" }));
  return response;
}
