"""The engine that runs flows: the program `sluice`, found as a shell or npm would find it."""
from __future__ import annotations

import os
import shutil


class EngineMissing(Exception):
    """The program `sluice` is not on this machine, or not where it is looked for."""


def find_engine(folder: str | None = None) -> str:
    """The path of the program: SLUICE_ENGINE, else `sluice` in PATH, else in node_modules/.bin of the folder (the
    working directory) or of one above it. EngineMissing says how to install it."""
    given = os.environ.get("SLUICE_ENGINE")
    if given:
        return given
    found = shutil.which("sluice")
    if found is not None:
        return found
    at = os.path.abspath(folder or os.getcwd())
    while True:
        program = os.path.join(at, "node_modules", ".bin", "sluice")
        if os.access(program, os.X_OK):
            return program
        above = os.path.dirname(at)
        if above == at:
            break
        at = above
    raise EngineMissing(
        "Cannot run a flow: the program sluice was found neither in PATH nor in node_modules/.bin "
        "(expected `npm install sluice` in this folder, `npm install -g sluice`, or SLUICE_ENGINE=/path/to/sluice)")
