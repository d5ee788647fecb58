"""Values of Python, numpy and others in messages."""
import array
import datetime
import enum
import pathlib
import unittest
import uuid

from sluice_actor import Actor, Timer, test_actor

try:
    import numpy
except ImportError:
    numpy = None


class Colour(enum.Enum):
    RED = "red"


class Echo(Actor):
    value = None

    def on_get(self, env):
        self.reply(env, "Value", {"value": self.value})


def written(value):
    """What a value has become on its way."""
    echo = test_actor(type("Given", (Echo,), {"value": value}))
    return echo.ask("Get").value


class TestValues(unittest.TestCase):
    def test_values_of_the_standard_library(self):
        identity = uuid.UUID(int=7)
        self.assertEqual(written(identity), str(identity))
        self.assertEqual(written(datetime.date(2026, 11, 28)), "2026-11-28")
        self.assertEqual(written(pathlib.PurePosixPath("a/b")), "a/b")
        self.assertEqual(written([Colour.RED]), ["red"])
        self.assertEqual(written({1}), [1])
        self.assertEqual(written(array.array("d", [1, 2.5])), [1.0, 2.5])

    def test_what_json_has_no_text_for_is_told(self):
        for value, text in ((b"x", "bytes"), (1j, "complex"), (Colour, "class")):
            with self.assertRaisesRegex(TypeError, text):
                written(value)
        with self.assertRaises(ValueError):
            written(float("nan"))
        self.assertEqual(written(1), 1)  # The next one is written as if nothing had been.

    def test_half_of_a_character_is_refused_before_it_is_written(self):
        class Half(Actor):
            def on_go(self, env):
                for write in (
                    lambda: self.emit("a\ud800"), lambda: self.send("b", "T", {"name": "a\ud800"}),
                    lambda: self.reply(env, "T", ["a\ud800"]), lambda: self.save({"a": "a\ud800"}),
                    lambda: self.publish("a\ud800", "T", 1), lambda: self.ask("a\ud800", "T", 1, timeout=1),
                ):
                    try:
                        write()
                    except ValueError as error:
                        refused.append(str(error))
                self.emit("h\u00e9 \U0001f600")

        refused = []
        sent = test_actor(Half).send("Go", {})
        self.assertEqual(len(refused), 6)
        for text in refused:
            self.assertRegex(text, r"^Cannot write a text with U\+D800, which is half of a character: .*a\\ud800")
        self.assertEqual([env.message for env in sent], ["h\u00e9 \U0001f600"])

    def test_timers_that_make_no_sense_name_the_argument_and_are_not_set(self):
        class Late(Actor):
            def on_go(self, env):
                for given in ((5, [1]), (5, {"a": 1}), ("5s", 1), (None, 1), (float("nan"), 1), (float("inf"), 1)):
                    for start in (Timer.once, Timer.periodic):
                        try:
                            start(self, *given)
                        except (TypeError, ValueError) as error:
                            refused.append("%s: %s" % (type(error).__name__, error))

        refused = []
        late = test_actor(Late)
        late.send("Go", {})
        wrong = "TypeError: Cannot set a timer: timer_id is a text or a number, not a "
        expected = [wrong + "list"] * 2 + [wrong + "dict"] * 2
        for value, kind in (("'5s'", "TypeError"), ("None", "TypeError"), ("nan", "ValueError"), ("inf", "ValueError")):
            for name in ("delay", "interval"):
                told = "is seconds as a number, not %s" if kind == "TypeError" else "is %s (expected seconds)"
                expected.append("%s: Cannot set a timer: %s %s" % (kind, name, told % value))
        self.assertEqual(refused, expected)
        self.assertEqual(late.timers, [])

    @unittest.skipIf(numpy is None, "numpy is not installed")
    def test_values_of_numpy(self):
        self.assertEqual(written(numpy.arange(6, dtype="int16").reshape(2, 3)), [[0, 1, 2], [3, 4, 5]])
        self.assertEqual(written({"n": numpy.int64(2**60), "x": numpy.float32(0.5), "y": numpy.bool_(True)}),
                         {"n": 2**60, "x": 0.5, "y": True})
        self.assertEqual(written(numpy.array(["2026-11-28"], dtype="datetime64[ns]"))[0][:10], "2026-11-28")
        with self.assertRaises(ValueError):
            written(numpy.array([1.0, numpy.nan]))
        with self.assertRaisesRegex(TypeError, "complex"):
            written(numpy.array([1j]))

    @unittest.skipIf(numpy is None, "numpy is not installed")
    def test_what_looks_like_an_array_is_one(self):
        class Tensor:
            def __init__(self, values):
                self.values = values

            def tolist(self):
                return self.values

        self.assertEqual(written(Tensor([1, 2])), [1, 2])


if __name__ == "__main__":
    unittest.main()
