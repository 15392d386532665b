"""The OpenAPI document as a page, with Swagger UI's own files: nothing comes from elsewhere.

    docs_page.py --port 4584 --env .local/env

`--env` names the file that has the address of the API, once it is deployed. The page shows; it sends nothing.
"""

from __future__ import annotations

import argparse
import json
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

from settings import HOST, ROOT, dot_env

DOCUMENT = ROOT / "docs" / "openapi.json"
PAGE = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Cartwright API</title>
<link rel="stylesheet" href="swagger-ui.css">
<div id="page"></div>
<script src="swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: "openapi.json", dom_id: "#page", supportedSubmitMethods: []})</script>
</html>
"""


def swagger_ui() -> Path:
    """The folder of its files. The package around them is for Flask and is not run."""
    return Path(find_spec("flask_swagger_ui").origin).parent / "dist"


def document(env_file: Path) -> bytes:
    """As it is in the repository, with the address of this machine's API."""
    told = json.loads(DOCUMENT.read_text())
    url = dot_env(env_file).get("API_URL")
    if url:
        told["servers"] = [{"url": url}]
    return json.dumps(told).encode()


class Page(SimpleHTTPRequestHandler):
    env_file: Path

    def do_GET(self) -> None:
        match self.path:
            case "/":
                self.answer("text/html; charset=utf-8", PAGE)
            case "/openapi.json":
                self.answer("application/json", document(self.env_file))
            case _:
                super().do_GET()

    def answer(self, content_type: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def list_directory(self, path: str) -> None:
        self.send_error(404)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--env", type=Path, required=True)
    arguments = parser.parse_args()
    Page.env_file = arguments.env
    folder = str(swagger_ui())
    server = ThreadingHTTPServer((HOST, arguments.port), lambda *given: Page(*given, directory=folder))
    server.serve_forever()


if __name__ == "__main__":
    main()
