"""Flows in Python: the JSON that they become, and how the engine is found."""
import json
import os
import sys
import tempfile
import unittest

from sluice_actor import FlowError, flow
from sluice_actor.engine import EngineMissing, find_engine


def shout(payload):
    return payload


class TestFlows(unittest.TestCase):
    def test_a_flow_is_the_json_of_a_flow_file(self):
        words = flow("words", onFailure="continue")
        text = words.file("text", "text.txt")
        split = words.process("split", ["tr", "-cs", "A-Za-z", "\n"], text, outputs={"audit": 3})
        top = words.shell("top", "sort | head", [split, text], explain="Most frequent", workers=2)
        both = words.process("both", ["join", "{in.left}", "{in.right}"], {"left": top, "right": split["audit"]})
        words.value("note", {"n": 1})
        words.alias(".end", both)
        words.alias(".end", "note", split.stderr)
        words.set("log", files="logs/*.gz")
        words.out({"-": top, "both.txt": [both, "note"]})
        self.assertEqual(json.loads(words.to_json()), {
            "name": "words",
            "onFailure": "continue",
            "sets": {"log": {"files": "logs/*.gz"}},
            "actors": {
                "text": {"file": "text.txt"},
                "split": {"run": ["tr", "-cs", "A-Za-z", "\n"], "in": "text", "outputs": {"audit": 3}},
                "top": {"sh": "sort | head", "in": ["split", "text"], "explain": "Most frequent", "workers": 2},
                "both": {"run": ["join", "{in.left}", "{in.right}"], "in": {"left": "top", "right": "split.audit"}},
                "note": {"value": {"n": 1}},
            },
            "aliases": {".end": ["both", "note", "split.stderr"]},
            "out": {"-": "top", "both.txt": ["both", "note"]},
        })

    def test_a_flow_can_be_kept_as_a_file(self):
        made = flow()
        made.out(made.stdin())
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "flow.json")
            made.save(path)
            with open(path, encoding="utf-8") as file:
                self.assertEqual(json.load(file), {"actors": {"stdin": {"stdin": True}}, "out": "stdin"})

    def test_scripts_and_functions_in_python(self):
        made = flow()
        made.python("count", "count.py", "-n", protocol="messages")
        made.handler("shout", shout, "count")
        made.handler("dump", "json.dumps", env={"A": "1"})
        actors = made.to_dict()["actors"]
        self.assertEqual(actors["count"], {"run": [sys.executable, "count.py", "-n"], "protocol": "messages"})
        self.assertEqual(actors["dump"], {"handler": "json.dumps", "env": {"A": "1"}})
        self.assertEqual(actors["shout"]["handler"], "test_flows.shout")
        folder = actors["shout"]["env"]["PYTHONPATH"].split(os.pathsep)[0]
        self.assertEqual(folder, os.path.dirname(os.path.abspath(__file__)))
        with self.assertRaisesRegex(ValueError, "expected a function at the top of a module"):
            made.handler("no", lambda payload: payload)

    def test_mistakes_are_told_where_they_are_made(self):
        made = flow()
        made.value("a", "x")
        with self.assertRaisesRegex(ValueError, 'Cannot add actor "a": there is one already'):
            made.value("a", "y")
        with self.assertRaisesRegex(TypeError, "expected what adding an actor gave, or its name"):
            made.shell("b", "cat", [5])

    def test_the_engine_is_found_as_npm_finds_it_or_said_to_be_missing(self):
        before = dict(os.environ)
        self.addCleanup(lambda: (os.environ.clear(), os.environ.update(before)))
        os.environ.pop("SLUICE_ENGINE", None)
        with tempfile.TemporaryDirectory() as folder:
            os.environ["PATH"] = folder
            below = os.path.join(folder, "a", "b")
            os.makedirs(below)
            with self.assertRaisesRegex(EngineMissing, "npm install sluice"):
                find_engine(below)
            with self.assertRaisesRegex(EngineMissing, "npm install sluice"):
                flow().run(folder=below)
            program = os.path.join(folder, "node_modules", ".bin", "sluice")
            os.makedirs(os.path.dirname(program))
            with open(program, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\n/bin/echo 'nothing was started' >&2\nexit 2\n")
            os.chmod(program, 0o755)
            self.assertEqual(find_engine(below), program)
            with self.assertRaisesRegex(FlowError, "ended with 2: nothing was started") as caught:
                flow().run(folder=below)
            self.assertEqual(caught.exception.code, 2)
            self.assertEqual(flow().run(folder=below, check=False).code, 2)
            os.environ["SLUICE_ENGINE"] = "/elsewhere/sluice"
            self.assertEqual(find_engine(below), "/elsewhere/sluice")


if __name__ == "__main__":
    unittest.main()
