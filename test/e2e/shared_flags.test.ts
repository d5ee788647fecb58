/** What is shared with the caller, here the flags of standard input, output and error, is left as it was found. */
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeFolder, runtimes, startCommand } from "./rig.ts";

const O_NONBLOCK = 0o4000;

/** An actor that makes everything it was given non-blocking, as event loops do. */
function rude(before: string, after = ""): { readonly run: readonly string[] } {
  const lines = ["import os", before, "for fd in (0, 1, 2): os.set_blocking(fd, False)", after];
  return { run: ["python3", "-c", lines.join("\n")] };
}

/** One actor has both ends; the engine carries all; the engine is killed meanwhile. */
const FLOWS = {
  "handed over": { keys: { stdin: true }, a: { ...rude("os.write(1, os.read(0, 9))"), in: "keys" } },
  carried: {
    keys: { stdin: true },
    a: { ...rude("os.write(1, os.read(0, 9))"), in: "keys" },
    b: { run: ["cat"], in: "keys" },
  },
  killed: {
    keys: { stdin: true },
    a: { ...rude("", "os.kill(os.getppid(), 9)"), in: "keys" },
    b: { run: ["cat"], in: "keys" },
  },
};

/** Gives a program a socket for each of its standard streams; prints which of them are blocking afterwards. */
const CALLER = `
import os, socket, subprocess, sys
pairs = [socket.socketpair() for _ in range(3)]
pairs[0][1].sendall(b"line\\n")
pairs[0][1].shutdown(socket.SHUT_WR)
theirs = [pair[0] for pair in pairs]
subprocess.run(sys.argv[1:], stdin=theirs[0], stdout=theirs[1], stderr=theirs[2])
print([os.get_blocking(each.fileno()) for each in theirs])
`;

describe.each(runtimes)("after a run on $name", (runtime) => {
  it.each(Object.entries(FLOWS))("pipes are blocking as before: %s", async (name, actors) => {
    const folder = makeFolder({ "flow.json": { actors } });
    const script = `
      echo line | {
        "$@" flow.json
        echo $? >code
        cat /proc/$BASHPID/fdinfo/0 /proc/$BASHPID/fdinfo/1 /proc/$BASHPID/fdinfo/2 >flags
      } 2> >(cat >&2) | cat`;
    await startCommand(["bash", "-c", script, "bash", ...runtime.command], { cwd: folder }).ended;
    const flags = readFileSync(join(folder, "flags"), "utf8").matchAll(/flags:\s+(\d+)/g);
    const code = readFileSync(join(folder, "code"), "utf8").trim();
    expect({ code, left: [...flags].map(([, octal = ""]) => Number.parseInt(octal, 8) & O_NONBLOCK) })
      .toEqual({
        code: name === "killed" ? String(128 + constants.signals.SIGKILL) : "0",
        left: [0, 0, 0],
      });
  });

  it("sockets are, too, whatever the program was asked for", async () => {
    const folder = makeFolder({ "flow.json": { actors: FLOWS.carried }, "caller.py": CALLER });
    for (const words of [["flow.json"], ["check", "flow.json"], ["--version"], ["mistake"]]) {
      const caller = ["python3", "caller.py", ...runtime.command, ...words];
      const { stdout, stderr } = await startCommand(caller, { cwd: folder }).ended;
      expect({ words, stdout, stderr }).toEqual({ words, stdout: "[True, True, True]\n", stderr: "" });
    }
  });
});
