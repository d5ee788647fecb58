"""Buffers in shared memory: what they hold, who may use them, and that nothing of them stays."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest

from sluice_actor import Actor, ActorError, BufferGone, MemoryPool, PoolFull, get_memory_pool, test_actor

try:
    import numpy
except ImportError:
    numpy = None


def python(program, **env):
    """Starts a program that is talked to by lines."""
    return subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            universal_newlines=True, env=dict(os.environ, **env))


OWNER = """
import json
from sluice_actor import get_memory_pool
pool = get_memory_pool()
kept, given = pool.acquire(1000, "int64"), pool.acquire(1000, "int64")
given.copy_from(range(1000))
print(json.dumps([kept.to_handle(), pool.give(given)]), flush=True)
input()
"""


class TestMemory(unittest.TestCase):
    def setUp(self):
        before = os.environ.get("SLUICE_SHARED")
        self.folder = os.environ["SLUICE_SHARED"] = tempfile.mkdtemp(prefix="test-of-sluice-")
        self.pool = MemoryPool()

        def restore():
            self.pool.close()
            self.assertEqual(os.listdir(self.folder), [])
            os.rmdir(self.folder)
            os.environ.pop("SLUICE_SHARED") if before is None else os.environ.update(SLUICE_SHARED=before)

        self.addCleanup(restore)

    def files(self):
        return sorted(name for name in os.listdir(self.folder) if not name.endswith(".lock"))

    def test_values_of_each_type_come_out_as_they_went_in(self):
        for dtype in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"):
            with self.pool.acquire((2, 3), dtype=dtype) as buffer:
                buffer.copy_from([[1, 2, 3], [4, 5, 6]])
                handle = json.loads(json.dumps(buffer.to_handle()))
                with self.pool.open(handle) as opened:
                    self.assertEqual(opened.tolist(), [[1, 2, 3], [4, 5, 6]])
                    self.assertEqual((opened.shape, opened.dtype), ((2, 3), dtype))
        with self.pool.acquire(2, "bool") as flags:
            flags.copy_from([True, False])
            self.assertEqual(flags.tolist(), [True, False])
        with self.pool.acquire(3, "uint8") as some:
            some.copy_from(b"abc")
            self.assertEqual(bytes(some.memory), b"abc")

    def test_what_does_not_fit_is_told(self):
        with self.pool.acquire(3, "uint8") as some:
            for values in (b"ab", [1, 2]):
                with self.assertRaisesRegex(ValueError, "Cannot fill a buffer of 3"):
                    some.copy_from(values)
        for shape in (0, (), (2, -1)):
            with self.assertRaisesRegex(ValueError, "shape"):
                self.pool.acquire(shape)
        with self.assertRaisesRegex(ValueError, "complex128.*expected one of bool, int8"):
            self.pool.acquire(1, "complex128")

    def test_a_released_buffer_is_used_again_and_its_handle_no_longer(self):
        first = self.pool.acquire(1000)
        handle = first.to_handle()
        first.release()
        first.release()
        with self.assertRaises(BufferGone):
            first.tolist()
        with self.assertRaises(BufferGone):
            self.pool.open(handle)
        second = self.pool.acquire(900)
        self.assertEqual(second.name, first.name)
        with self.assertRaises(BufferGone):
            self.pool.open(handle)  # It is another one's now.
        opened = self.pool.open(second.to_handle())
        self.assertTrue(opened.is_valid)
        second.release()
        self.assertFalse(opened.is_valid)
        self.assertEqual(len(self.files()), 1)

    def test_what_is_opened_is_written_only_if_that_was_said(self):
        with self.pool.acquire(2) as buffer:
            buffer.copy_from([1, 2])
            with self.assertRaises(TypeError):
                self.pool.open(buffer.to_handle()).memory[0] = 5.0
            with self.pool.open(buffer, write=True) as opened:
                opened.memory[0] = 5.0
            self.assertEqual(buffer.tolist(), [5.0, 2.0])

    def test_a_buffer_that_is_given_away_is_removed_by_whoever_releases_it(self):
        buffer = self.pool.acquire(2)
        buffer.copy_from([1, 2])
        handle = self.pool.give(buffer)
        with self.assertRaises(BufferGone):
            buffer.tolist()
        with self.assertRaisesRegex(ValueError, "belongs to another"):
            self.pool.give(self.pool.open(handle))
        self.pool.close()  # Its maker may end.
        with MemoryPool().open(handle) as taken:
            taken.memory[1] = 7.0
            self.assertEqual(taken.tolist(), [1.0, 7.0])
        self.assertEqual(self.files(), [])

    def test_a_pool_has_a_limit(self):
        pool = MemoryPool(limit_bytes=100_000)
        self.addCleanup(pool.close)
        one = pool.acquire(60_000, "uint8")
        with self.assertRaises(PoolFull) as caught:
            pool.acquire(60_000, "uint8")
        self.assertIn("expected at most 100000", str(caught.exception))
        self.assertIsInstance(caught.exception, ActorError)
        one.release()
        pool.acquire(90_000, "uint8")  # The free one makes room.
        self.assertEqual(len(self.files()), 1)

    def test_a_pool_is_full_when_the_system_is(self):
        pool = MemoryPool(limit_bytes=1 << 62)
        self.addCleanup(pool.close)
        with self.assertRaises(PoolFull):
            pool.acquire(1 << 50, "uint8")
        self.assertEqual(self.files(), [])

    def test_bad_handles_are_told_and_open_nothing(self):
        with self.pool.acquire(2) as buffer:
            good = buffer.to_handle()
            for change in ({"buffer": "../../etc/passwd"}, {"buffer": 1}, {"shape": [1 << 40]}, {"shape": []},
                           {"dtype": "object"}, {"generation": None}):
                with self.assertRaises(ValueError):
                    self.pool.open(dict(good, **change))
            with self.assertRaises(ValueError):
                self.pool.open({})

    def test_what_a_killed_process_has_left_goes_with_the_next_buffer(self):
        with python(OWNER) as owner:
            kept, given = json.loads(owner.stdout.readline())
            self.pool.acquire(1, "int64").release()
            self.pool.open(kept).release()  # It lives.
            owner.send_signal(signal.SIGKILL)
            owner.wait()
            self.pool.acquire(5000, "int64")
            with self.assertRaises(BufferGone):
                self.pool.open(kept)
            with self.pool.open(given) as taken:  # It was given away before that.
                self.assertEqual(sum(taken.memory), 499_500)
        self.assertEqual([name for name in self.files() if name.startswith("given-")], [])

    def test_a_process_that_ends_takes_its_buffers_along(self):
        with python(OWNER) as owner:
            kept, given = json.loads(owner.stdout.readline())
            owner.communicate("\n")
        self.assertEqual(self.files(), [given["buffer"]])
        self.pool.open(given).release()

    def test_a_forked_process_has_a_pool_of_its_own(self):
        with self.pool.acquire(1) as buffer:
            buffer.copy_from([3])
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    own = get_memory_pool()
                    code = 0 if own.open(buffer.to_handle()).tolist() == [3.0] and own.acquire(1) else 1
                    self.pool.close()  # Not the parent's.
                    own.close()
                finally:
                    os._exit(code)
            self.assertEqual(os.waitpid(child, 0)[1], 0)
            self.assertEqual(buffer.tolist(), [3.0])

    def test_without_an_engine_the_folder_goes_with_the_program_that_made_it(self):
        folders = []
        for end in ("input()", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", ""):
            program = OWNER.replace("input()", "print(pool._folder.path, flush=True); %s" % end)
            env = dict(os.environ)
            del env["SLUICE_SHARED"]
            done = subprocess.run([sys.executable, "-c", program], input="\n", env=env, universal_newlines=True,
                                  stdout=subprocess.PIPE, check=False)
            folders.append(done.stdout.split("\n")[1])
        # The one that was killed has left its own to the next.
        self.assertEqual([os.path.exists(each) for each in folders], [False, False, False])

    def test_a_buffer_in_a_message_is_its_handle(self):
        pool = self.pool

        class Camera(Actor):
            def on_shoot(self, env):
                self.reply(env, "Frame", {"image": pool.acquire((2, 2), "uint8")})

        image = test_actor(Camera).ask("Shoot").image
        self.assertEqual((image.shape, image.dtype), ([2, 2], "uint8"))
        self.assertEqual(pool.open(image).nbytes, 4)

    @unittest.skipIf(numpy is None, "numpy is not installed")
    def test_arrays_of_numpy_look_at_the_memory(self):
        with self.pool.acquire((100, 100), dtype=numpy.float32) as buffer:
            buffer.array[:] = 2
            buffer.array[1, 1] = 5
            with self.pool.open(buffer) as opened:
                self.assertEqual(float(opened.array.sum()), 20_003.0)
                with self.assertRaises(ValueError):
                    opened.array[0, 0] = 1
            buffer.copy_from(numpy.arange(10_000, dtype="float64").reshape(100, 100).T)
            self.assertEqual(float(buffer.device[3, 2]), 203.0)
            with self.assertRaises(ValueError):
                buffer.copy_from(numpy.zeros(3))
        with self.pool.acquire(3, numpy.dtype("int16")) as buffer:
            self.assertEqual(buffer.dtype, "int16")

    @unittest.skipIf(numpy is not None, "numpy is installed")
    def test_without_numpy_there_is_no_array(self):
        with self.pool.acquire(3) as buffer:
            with self.assertRaisesRegex(ImportError, "pip install numpy, or use .memory"):
                buffer.array  # noqa: B018


if __name__ == "__main__":
    unittest.main()
