"""Runs the stories of docs/stories against the running API: each request gets the answer that the story tells, and
one that docs/openapi.json has.

The files are as editors read them: requests between `###`, `{{names}}` from the environment or from the answer to a
request with a `# @name`. `# answers 201` is the status; `, in the end with status confirmed` asks again until the
member of the body is that.
"""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import requests
import schemathesis

from settings import ROOT, StackError

STORIES = ROOT / "docs" / "stories"
DOCUMENT = ROOT / "docs" / "openapi.json"
VARIABLE = re.compile(r"\{\{([^}]+)\}\}")
ANSWERS = re.compile(r"# answers (?P<status>\d{3})(, in the end with (?P<member>\w+) (?P<value>\w+))?$")
# How long an order may take to its end on a busy machine.
PATIENCE_SECONDS = 120


@dataclass
class Step:
    title: str
    name: str
    status: int
    ends: tuple[str, str] | None
    request: str


def steps(story: str) -> list[Step]:
    found = []
    for part in re.split(r"^###", story, flags=re.MULTILINE)[1:]:
        title, *lines = part.strip().splitlines()
        notes = [line for line in lines if line.startswith("#")]
        names = [note.removeprefix("# @name ") for note in notes if note.startswith("# @name ")]
        [told] = [match for note in notes if (match := ANSWERS.match(note))]
        ends = (told["member"], told["value"]) if told["member"] else None
        request = "\n".join(line for line in lines if not line.startswith("#"))
        found.append(Step(title.strip(), "".join(names), int(told["status"]), ends, request))
    return found


def filled(text: str, values: dict[str, str], answers: dict[str, requests.Response]) -> str:
    def value(match: re.Match[str]) -> str:
        name, *path = match[1].split(".")
        if not path:
            return values[name]
        answer = answers[name]
        return answer.headers[path[2]] if path[1] == "headers" else str(answer.json()[path[2]])

    return VARIABLE.sub(value, text)


class Teller:
    def __init__(self, environment: dict[str, str]) -> None:
        self.values = environment
        self.session = requests.Session()
        self.session.trust_env = False
        self.document = schemathesis.openapi.from_path(DOCUMENT)

    def ask(self, text: str) -> requests.Response:
        """The answer, which is one of the document's."""
        head, _, body = text.partition("\n\n")
        first, *headers = head.splitlines()
        method, url = first.split(" ", 1)
        pairs = dict(header.split(": ", 1) for header in headers)
        answer = self.session.request(method, url, headers=pairs, data=body.encode() or None, timeout=30)
        path = url.removeprefix(self.values["API_URL"]).partition("?")[0]
        self.operation(method, path).validate_response(answer)
        return answer

    def operation(self, method: str, path: str) -> schemathesis.schemas.APIOperation:
        """What is declared there; a path without ids goes before one with them."""
        for template in sorted(self.document, key=lambda it: it.count("{")):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method in self.document[template]:
                return self.document[template][method]
        raise StackError(f"{method} {path} is not in {DOCUMENT.name}")

    def take(self, step: Step, text: str) -> requests.Response:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self.ask(text)
            if answer.status_code != step.status:
                raise StackError(f"{step.title}: {answer.status_code} {answer.text}")
            if not step.ends or str(answer.json()[step.ends[0]]) == step.ends[1]:
                return answer
            if time.monotonic() > deadline:
                raise StackError(f"{step.title}: still {answer.text}")
            time.sleep(0.2)

    def tell(self, story: Path) -> None:
        values = {**self.values, "RUN": uuid.uuid4().hex[:12]}
        answers: dict[str, requests.Response] = {}
        told = steps(story.read_text())
        for step in told:
            answer = self.take(step, filled(step.request, values, answers))
            if step.name:
                answers[step.name] = answer
        print(f"{story.relative_to(ROOT)}: {len(told)} requests answered as told", flush=True)


def check(environment: dict[str, str]) -> None:
    teller = Teller(environment)
    for story in sorted(STORIES.glob("*.http")):
        teller.tell(story)
