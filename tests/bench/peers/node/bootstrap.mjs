// Lambda's runtime interface on one kept connection, for a handler that runs outside of Lambda.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

import http from "node:http";

const [hostname, port = 80] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
// Else it says at every start that Node 20 will be too old one day.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const request = http.request({ agent, hostname, port, method, path: `/2018-06-01/runtime/${path}`, headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(parts).toString();
        if (response.statusCode < 300) resolve({ headers: response.headers, text });
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

const told = (error) => JSON.stringify({ errorType: error.name, errorMessage: error.message });

async function answer(handler, { headers, text }) {
  const id = headers["lambda-runtime-aws-request-id"];
  const context = { awsRequestId: id, getRemainingTimeInMillis: () => headers["lambda-runtime-deadline-ms"] - Date.now() };
  let said;
  try {
    said = ["response", JSON.stringify(await handler(JSON.parse(text), context))];
  } catch (error) {
    said = ["error", told(error)];
  }
  await ask("POST", `invocation/${id}/${said[0]}`, said[1]);
}

async function start() {
  try {
    return (await import("./handler.mjs")).handler;
  } catch (error) {
    await ask("POST", "init/error", told(error));
    throw error;
  }
}

const handler = await start();
for (;;) await answer(handler, await ask("GET", "invocation/next"));
