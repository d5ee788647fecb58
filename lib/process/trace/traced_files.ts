/**
 * What a call of the system means for files.
 */
import { basename } from "node:path";
import type { FileAccess } from "./file_access.ts";
import type { TracedArgument, TracedCall } from "./traced_call.ts";
import { unescape } from "./traced_call.ts";

/** Where the arguments of a call are: a path, and the folder it starts in when that is not the working directory. */
interface Place {
  readonly path: number;
  readonly folder?: number;
}

const AT_FIRST: Place = { path: 0 };
const AT_SECOND: Place = { folder: 0, path: 1 };

/** Calls that only ask. */
const LOOKS: Readonly<Record<string, Place>> = {
  ...name(
    AT_FIRST,
    "stat lstat stat64 lstat64 access readlink statfs chdir getxattr lgetxattr listxattr llistxattr",
  ),
  ...name(AT_SECOND, "newfstatat fstatat64 statx faccessat faccessat2 readlinkat name_to_handle_at"),
};

/** Calls that make or change what is at a path, and whether it is all theirs then. */
const WRITES: Readonly<Record<string, Place & { readonly isWhole: boolean }>> = {
  ...name({ ...AT_FIRST, isWhole: true }, "mkdir mknod creat"),
  ...name({ ...AT_SECOND, isWhole: true }, "mkdirat mknodat"),
  ...name({ path: 1, isWhole: true }, "symlink"),
  ...name({ folder: 1, path: 2, isWhole: true }, "symlinkat"),
  ...name({ ...AT_FIRST, isWhole: false }, "truncate chmod chown lchown utime utimes setxattr lsetxattr"),
  ...name({ ...AT_SECOND, isWhole: false }, "fchmodat fchmodat2 fchownat utimensat futimesat"),
};

const REMOVES: Readonly<Record<string, Place>> = {
  ...name(AT_FIRST, "unlink rmdir"),
  ...name(AT_SECOND, "unlinkat"),
};

const MOVES: Readonly<Record<string, readonly [Place, Place]>> = {
  ...name([AT_FIRST, { path: 1 }] as const, "rename link"),
  ...name([AT_SECOND, { folder: 2, path: 3 }] as const, "renameat renameat2 linkat"),
};

/** Calls after which paths mean something else, or files are opened without a call. */
const UNSEEN: Readonly<Record<string, string>> = {
  ...name("it changes what paths mean", "chroot pivot_root mount umount2 move_mount open_tree fsmount"),
  io_uring_setup: "it opens files in a way that cannot be watched (io_uring)",
  open_by_handle_at: "it opens files without their names",
};

/** What a call that has ended did with files; `folder` is the working directory of its process. */
export function readCall(call: TracedCall, folder: string): readonly FileAccess[] {
  const { name, args, errno } = call;
  const pathAt = (place: Place | undefined): string | undefined =>
    place === undefined ? undefined : resolvePath(args, { place, folder });
  const reason = UNSEEN[name];
  if (reason !== undefined) return errno === undefined ? [{ kind: "unseen", reason }] : [];
  if (name === "getdents64" || name === "getdents") return readList(call);
  const opened = toOpen(call);
  if (opened !== undefined) return readOpen(call, { ...opened, path: pathAt(opened.place) });
  if (name === "execve" || name === "execveat") {
    const path = pathAt(name === "execve" ? AT_FIRST : AT_SECOND);
    if (path === undefined) return [];
    return errno === undefined ? [{ kind: "read", path, isRun: true }, ...readsEnvironment(call, path)] : [
      look(call, path),
    ];
  }
  const moved = MOVES[name];
  if (moved !== undefined) {
    const [from, to] = moved.map(pathAt);
    if (from === undefined || to === undefined) return [];
    if (errno !== undefined) return [look(call, from, { isOfLink: true })];
    const gone: FileAccess = name.startsWith("link")
      ? { kind: "read", path: from }
      : { kind: "remove", path: from };
    return [look(call, from, { isOfLink: true }), gone, { kind: "write", path: to, isWhole: true }];
  }
  const path = pathAt(LOOKS[name] ?? WRITES[name] ?? REMOVES[name]);
  if (path === undefined) return [];
  const written = WRITES[name];
  if (errno === undefined && written !== undefined) {
    return [{ kind: "write", path, isWhole: written.isWhole }];
  }
  if (errno === undefined && REMOVES[name] !== undefined) return [{ kind: "remove", path }];
  return [look(call, path)];
}

function look(
  { name, args, errno }: TracedCall,
  path: string,
  { isOfLink = /^l|^readlink/.test(name) || args.some(({ source }) => source.includes("NOFOLLOW")) } = {},
): FileAccess {
  const isAbsent = errno === "ENOENT" || errno === "ENOTDIR";
  const isThere = isAbsent ? false : errno === undefined || errno === "EEXIST" ? true : undefined;
  return { kind: "look", path, isThere, isOfLink };
}

function toOpen({ name, args }: TracedCall): { readonly place: Place; readonly flags: string } | undefined {
  if (name === "open") return { place: AT_FIRST, flags: args[1]?.source ?? "" };
  if (name === "openat" || name === "openat2") return { place: AT_SECOND, flags: args[2]?.source ?? "" };
  return undefined;
}

function readOpen(
  call: TracedCall,
  { flags, path }: { readonly flags: string; readonly path: string | undefined },
): readonly FileAccess[] {
  if (path === undefined || flags.includes("O_TMPFILE")) return [];
  const { errno } = call;
  const isWritten = /O_WRONLY|O_RDWR/.test(flags);
  if (errno !== undefined) return isWritten && errno === "EEXIST" ? [] : [look(call, path)];
  // A folder is read by another call.
  if (/O_PATH|O_DIRECTORY/.test(flags)) return [look(call, path)];
  const real = call.at === undefined ? {} : { real: call.at };
  const isWhole = /O_TRUNC|O_EXCL/.test(flags);
  const read: FileAccess = { kind: "read", path, ...real };
  if (!isWritten) return [read];
  const write: FileAccess = { kind: "write", path, ...real, isWhole };
  return flags.includes("O_RDWR") && !isWhole ? [read, write] : [write];
}

function readList({ args, errno }: TracedCall): readonly FileAccess[] {
  const [folder, list] = args;
  if (errno !== undefined || folder?.at === undefined || list === undefined) return [];
  const names = [...list.source.matchAll(/d_name="((?:[^"\\]|\\.)*)"/gs)].map(([, name = ""]) =>
    unescape(name)
  );
  if (names.length === 0 && list.source !== "[]") {
    return [{ kind: "unseen", reason: "what strace tells is not understood" }];
  }
  return [{ kind: "list", path: folder.at, names: names.filter((name) => name !== "." && name !== "..") }];
}

/** `env` and `printenv` without an argument tell everything. */
function readsEnvironment({ args }: TracedCall, path: string): readonly FileAccess[] {
  const isAlone = /^\["(?:[^"\\]|\\.)*"(?:\.\.\.)?\]$/s.test(
    args.find(({ source }) => source.startsWith("["))?.source ?? "",
  );
  return isAlone && ["env", "printenv"].includes(basename(path)) ? [{ kind: "environment" }] : [];
}

function resolvePath(
  args: readonly TracedArgument[],
  { place, folder }: { readonly place: Place; readonly folder: string },
): string | undefined {
  const path = args[place.path]?.text;
  // An empty one is that of a descriptor, which was opened before.
  if (path === undefined || path === "") return undefined;
  if (path.startsWith("/")) return path;
  const from = place.folder === undefined ? undefined : args[place.folder]?.at;
  return `${from ?? folder}/${path}`.replace(/^\/\//, "/");
}

function name<Value>(value: Value, names: string): Record<string, Value> {
  return Object.fromEntries(names.split(" ").map((name) => [name, value]));
}
