"""Lambda's runtime interface on one kept connection, for a handler that runs outside of Lambda.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import importlib
import json
import os
import time
from http.client import HTTPConnection

api = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])


class Context:
    def __init__(self, headers) -> None:
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self._deadline_ms = int(headers["lambda-runtime-deadline-ms"] or 0)

    def get_remaining_time_in_millis(self) -> int:
        return self._deadline_ms - int(time.time() * 1000)


def ask(method: str, path: str, body: object = None):
    data = None if method == "GET" else json.dumps(body, separators=(",", ":")).encode()
    api.request(method, f"/2018-06-01/runtime/{path}", data, {"content-type": "application/json"} if data else {})
    response = api.getresponse()
    text = response.read()
    if response.status >= 300:
        raise RuntimeError(f"{method} {path}: {response.status} {text!r}")
    return response.headers, text


def told(error: Exception) -> dict[str, str]:
    return {"errorType": type(error).__name__, "errorMessage": str(error)}


def answer(handler, headers, text: bytes) -> None:
    context = Context(headers)
    try:
        said = ("response", handler(json.loads(text), context))
    except Exception as error:  # noqa: BLE001 - whatever it is, Lambda is told
        said = ("error", told(error))
    ask("POST", f"invocation/{context.aws_request_id}/{said[0]}", said[1])


def main() -> None:
    try:
        handler = importlib.import_module("handler").handler
    except Exception as error:
        ask("POST", "init/error", told(error))
        raise
    while True:
        answer(handler, *ask("GET", "invocation/next"))


if __name__ == "__main__":
    main()
