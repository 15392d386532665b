"""What the local stack relies on in its own parts: `python localstack/test_stack.py`."""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import docs_page
import processes
import settings
from settings import Port, StackError
from turnstile import Turnstile

sys.path.insert(0, str(settings.ROOT / "infra"))

import deploy  # noqa: E402


class TurnstileTest(unittest.TestCase):
    def start(self, gate: Turnstile, *, may_refuse: bool, done: list, name: str) -> threading.Thread:
        """A thread that enters and notes how that went; returns once it waits or is through."""
        thread = threading.Thread(target=lambda: done.append((name, gate.enter(may_refuse=may_refuse))), daemon=True)
        waiting = len(gate._waiting)
        thread.start()
        through = processes.wait_until(
            lambda: len(gate._waiting) > waiting or not thread.is_alive(), lambda: True, 5
        )
        self.assertTrue(through)
        return thread

    def test_lets_waiters_in_one_by_one_in_the_order_they_came(self) -> None:
        gate, done = Turnstile(1), []
        self.assertTrue(gate.enter(may_refuse=False))
        threads = [self.start(gate, may_refuse=False, done=done, name=name) for name in "abc"]
        for count, thread in enumerate(threads, start=1):
            gate.leave()
            thread.join(5)
            self.assertEqual([name for name, _ in done], list("abc")[:count])

    def test_refuses_on_closing_only_those_who_may_be_refused(self) -> None:
        gate, done = Turnstile(1), []
        gate.enter(may_refuse=False)
        client = self.start(gate, may_refuse=True, done=done, name="client")
        execution = self.start(gate, may_refuse=False, done=done, name="execution")
        gate.close()
        client.join(5)
        gate.leave()
        self.assertEqual(done, [("client", False)])
        self.assertTrue(execution.is_alive())
        self.assertFalse(gate.enter(may_refuse=True))


class ProcessesTest(unittest.TestCase):
    def test_a_reused_process_id_is_not_ours(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            record = processes.write(Path(folder) / "me.json", os.getpid(), "x")
        self.assertIsNotNone(record.process())
        self.assertIsNone(processes.Record(record.pid, record.started - 60, "x").process())

    def test_a_taken_port_is_named_with_the_variable_that_moves_it(self) -> None:
        with socket.socket() as taken:
            taken.bind((settings.HOST, 0))
            taken.listen()
            port = Port(taken.getsockname()[1], "CARTWRIGHT_AWS_PORT")
            with self.assertRaisesRegex(StackError, rf"{port.number}.*CARTWRIGHT_AWS_PORT"):
                processes.require_free(port, "emulator")
        processes.require_free(port, "emulator")


class SettingsTest(unittest.TestCase):
    def dot_env(self, text: str) -> dict[str, str]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / ".env"
            path.write_text(text)
            return settings.dot_env(path)

    def test_reads_what_a_shell_would_read(self) -> None:
        values = self.dot_env("# note\n\nA=1\nexport B='two words'\nC=x=y\n")
        self.assertEqual(values, {"A": "1", "B": "two words", "C": "x=y"})

    def test_names_the_line_that_is_wrong(self) -> None:
        with self.assertRaisesRegex(StackError, "line 2"):
            self.dot_env("A=1\nnonsense\n")

    def test_this_machine_is_reached_without_a_proxy_and_what_was_said_before_stays(self) -> None:
        for before, after in (("", "127.0.0.1"), ("a.example", "a.example,127.0.0.1"), ("*", "*")):
            values = settings.without_proxy({"NO_PROXY": before})
            self.assertEqual((values["NO_PROXY"], values["no_proxy"]), (after, after))

    def test_the_two_instances_share_no_port_and_no_folder(self) -> None:
        default, test = settings.load("default"), settings.load("test")
        self.assertFalse({port.number for port in default.ports.values()} & {p.number for p in test.ports.values()})
        self.assertFalse(set(default.forgettable) & set(test.forgettable))


class ParametersTest(unittest.TestCase):
    def parameters(self, stated: dict[str, str], *overrides: str) -> dict[str, str]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "aws.json"
            file.write_text(json.dumps(stated))
            return deploy.parameters(file, {"PASSWORD": "secret"}, list(overrides))

    def test_values_are_filled_in_and_then_overridden(self) -> None:
        filled = self.parameters({"A": "x${PASSWORD}", "B": "1"}, "B=2=3", "C=")
        self.assertEqual(filled, {"A": "xsecret", "B": "2=3", "C": ""})

    def test_a_database_has_all_of_its_addresses_or_none(self) -> None:
        whole = {name: "postgresql://host/name" for name in deploy.DATABASE}
        self.assertEqual(self.parameters(whole), whole)
        self.assertEqual(self.parameters({"DatabaseOwnerUrl": ""}), {"DatabaseOwnerUrl": ""})
        for name in whole:
            without = {other: text for other, text in whole.items() if other != name}
            for stated, overrides in ((without, ()), (whole, (f"{name}=",)), ({name: whole[name]}, ())):
                with self.assertRaisesRegex(StackError, "missing"):
                    self.parameters(stated, *overrides)

    def test_the_template_agrees_on_what_a_database_is(self) -> None:
        condition = re.search(r"HasDatabase: (.*)", deploy.TEMPLATE.read_text())
        self.assertEqual(tuple(re.findall(r"!Ref (\w+)", condition[1])), deploy.DATABASE)


class DocsPageTest(unittest.TestCase):
    def test_the_page_needs_only_files_that_are_installed(self) -> None:
        page = docs_page.PAGE.decode()
        self.assertNotIn("//", page)
        for name in re.findall(r'(?:href|src)="([^"]+)"', page):
            self.assertTrue((docs_page.swagger_ui() / name).is_file(), name)

    def test_the_document_has_the_address_of_this_machine_s_api(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            env = Path(folder) / "env"
            self.assertIn("{api}", json.loads(docs_page.document(env))["servers"][0]["url"])
            env.write_text("export API_URL=http://127.0.0.1:1/x\n")
            self.assertEqual(json.loads(docs_page.document(env))["servers"], [{"url": "http://127.0.0.1:1/x"}])


if __name__ == "__main__":
    unittest.main()
