/** What strace writes, read: every call that says something of a file, in whatever folder and in however many pieces. */
import { describe, expect, test } from "vitest";
import type { FileAccess } from "../../../lib/process/trace/file_access.ts";
import { FileTrace } from "../../../lib/process/trace/file_trace.ts";

interface Traced {
  readonly accesses: readonly FileAccess[];
  /** Everything was seen to its end. */
  readonly isWhole: boolean;
}

/** Given in pieces of so many bytes. */
function trace(lines: readonly string[], pieceBytes = Infinity): Traced {
  const accesses: FileAccess[] = [];
  const trace = new FileTrace("/home/ada", (access) => accesses.push(access));
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""), "latin1");
  for (let at = 0; at < bytes.length; at += pieceBytes) trace.feed(bytes.subarray(at, at + pieceBytes));
  return { accesses, isWhole: trace.end() };
}

/** A process that makes one call and ends. */
function call(text: string): readonly FileAccess[] {
  const { accesses, isWhole } = trace([`1 ${text}`, "1 +++ exited with 0 +++"]);
  expect(isWhole).toBe(true);
  return accesses;
}

const AT = "AT_FDCWD</home/ada>";

describe("FileTrace reads", () => {
  test.each<readonly [string, readonly FileAccess[]]>([
    [`openat(${AT}, "a.txt", O_RDONLY|O_CLOEXEC) = 3</home/ada/a.txt>`, [
      { kind: "read", path: "/home/ada/a.txt", real: "/home/ada/a.txt" },
    ]],
    ['open("../a.txt", O_RDONLY) = 3</home/a.txt>', [
      { kind: "read", path: "/home/ada/../a.txt", real: "/home/a.txt" },
    ]],
    ['openat(5</srv/a>, "x", O_RDONLY) = 3</srv/a/x>', [{
      kind: "read",
      path: "/srv/a/x",
      real: "/srv/a/x",
    }]],
    [`openat(${AT}, "\\303\\251\\"\\\\,)\\n", O_RDONLY) = 3</home/ada/\\303\\251\\"\\\\,)\\n>`, [
      { kind: "read", path: '/home/ada/é"\\,)\n', real: '/home/ada/é"\\,)\n' },
    ]],
    [`openat(${AT}, "a", O_RDONLY) = -1 ENOENT (No such file or directory)`, [
      { kind: "look", path: "/home/ada/a", isThere: false, isOfLink: false },
    ]],
    [`openat(${AT}, "a", O_RDONLY) = -1 EACCES (Permission denied)`, [
      { kind: "look", path: "/home/ada/a", isThere: undefined, isOfLink: false },
    ]],
    [`openat(${AT}, "a", O_WRONLY|O_CREAT|O_APPEND, 0666) = 3</home/ada/a>`, [
      { kind: "write", path: "/home/ada/a", real: "/home/ada/a", isWhole: false },
    ]],
    [`openat(${AT}, "a", O_RDWR|O_CREAT, 0666) = 3</home/ada/a>`, [
      { kind: "read", path: "/home/ada/a", real: "/home/ada/a" },
      { kind: "write", path: "/home/ada/a", real: "/home/ada/a", isWhole: false },
    ]],
    [`openat(${AT}, "a", O_RDWR|O_CREAT|O_EXCL, 0600) = 3</home/ada/a>`, [
      { kind: "write", path: "/home/ada/a", real: "/home/ada/a", isWhole: true },
    ]],
    [`openat2(${AT}, "a", {flags=O_RDONLY, resolve=0}, 24) = 3</home/ada/a>`, [
      { kind: "read", path: "/home/ada/a", real: "/home/ada/a" },
    ]],
    [`openat(${AT}, "a", O_RDONLY|O_DIRECTORY) = 3</home/ada/a>`, [
      { kind: "look", path: "/home/ada/a", isThere: true, isOfLink: false },
    ]],
    [
      'getdents64(3</srv>, [{d_ino=1, d_type=DT_DIR, d_name="."}, {d_ino=2, d_type=DT_REG, d_name="a\\"]"}], 32768) = 48',
      [{ kind: "list", path: "/srv", names: ['a"]'] }],
    ],
    ["getdents64(3</srv>, [], 32768) = 0", [{ kind: "list", path: "/srv", names: [] }]],
    [`newfstatat(${AT}, "a", {st_mode=S_IFREG|0644, st_size=2, ...}, AT_SYMLINK_NOFOLLOW) = 0`, [
      { kind: "look", path: "/home/ada/a", isThere: true, isOfLink: true },
    ]],
    ['newfstatat(3</srv/a>, "", {st_mode=S_IFREG|0644, ...}, AT_EMPTY_PATH) = 0', []],
    ['readlink("/etc/a", "b", 64) = 1', [{ kind: "look", path: "/etc/a", isThere: true, isOfLink: true }]],
    ['execve("/bin/sh", ["sh", "-c", ...], 0x7ffd /* 8 vars */) = 0', [
      { kind: "read", path: "/bin/sh", isRun: true },
    ]],
    ['execve("/usr/bin/env", ["en"...], 0x7ffd /* 8 vars */) = 0', [
      { kind: "read", path: "/usr/bin/env", isRun: true },
      { kind: "environment" },
    ]],
    ['rename("a", "b") = 0', [
      { kind: "look", path: "/home/ada/a", isThere: true, isOfLink: true },
      { kind: "remove", path: "/home/ada/a" },
      { kind: "write", path: "/home/ada/b", isWhole: true },
    ]],
    [`unlinkat(${AT}, "a", 0) = 0`, [{ kind: "remove", path: "/home/ada/a" }]],
    ['symlink("to", "link") = 0', [{ kind: "write", path: "/home/ada/link", isWhole: true }]],
    [`utimensat(${AT}, "a", NULL, 0) = 0`, [{ kind: "write", path: "/home/ada/a", isWhole: false }]],
    ['chroot("/srv") = 0', [{ kind: "unseen", reason: "it changes what paths mean" }]],
    ['mount("a", "/b", "tmpfs", 0, NULL) = -1 EPERM (Operation not permitted)', []],
    ["io_uring_setup(8, {flags=0}) = 4<anon_inode:[io_uring]>", [
      { kind: "unseen", reason: "it opens files in a way that cannot be watched (io_uring)" },
    ]],
  ])("%s", (line, accesses) => expect(call(line)).toEqual(accesses));
});

/** A child that speaks before its parent has named it, in another folder, and a thread that shares its own. */
const FAMILY = [
  '1 chdir("sub") = 0',
  "1 vfork( <unfinished ...>",
  '2 access("early", R_OK) = 0',
  '2 chdir("/srv") = 0',
  '2 execve("./tool", ["tool"], 0x1 /* 1 var */ <unfinished ...>',
  "1 <... vfork resumed>) = 2",
  "2 <... execve resumed>) = 0",
  '1 access("mine", R_OK) = 0',
  "1 clone(child_stack=NULL, flags=CLONE_VM|CLONE_FS) = 3",
  '3 chdir("deeper") = 0',
  '1 access("with", R_OK) = 0',
  "2 +++ exited with 0 +++",
  "3 +++ exited with 0 +++",
  "1 +++ killed by SIGTERM +++",
];

test.each([Infinity, 1, 7])(
  "FileTrace knows the folder of every process, in pieces of %d bytes",
  (pieceBytes) => {
    const { accesses, isWhole } = trace(FAMILY, pieceBytes);
    expect(isWhole).toBe(true);
    expect(accesses.flatMap((access) => "path" in access ? access.path : [])).toEqual([
      "/home/ada/sub",
      "/home/ada/sub/early",
      "/srv",
      "/srv/./tool",
      "/home/ada/sub/mine",
      "/home/ada/sub/deeper",
      "/home/ada/sub/deeper/with",
    ]);
  },
);

test("FileTrace.end() is false when a process was not seen to its end, or a line is cut off", () => {
  for (const count of [0, 1, 2, 5, FAMILY.length - 1]) {
    expect(trace(FAMILY.slice(0, count)).isWhole).toBe(false);
  }
  expect(trace([...FAMILY, "1 open"]).isWhole).toBe(false);
});
