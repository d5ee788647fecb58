"""The package `sluice_actor`, for programs that have this folder on their path: the one that is installed, else that in
`src` beside this file."""
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))
del sys.modules["sluice_actor"]  # This module; the one that is imported next takes its place.
sys.path[:] = [each for each in sys.path if os.path.abspath(each) != _here] + [os.path.join(_here, "src")]
import sluice_actor  # noqa: E402,F401
