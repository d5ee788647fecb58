/**
 * Whether the system allows what an actor may use: asked before anything is started, as far as it tells.
 */
import { Buffer } from "node:buffer";
import type { Actor } from "../../core/flow.ts";
import type { FlowIssue } from "../../core/issue.ts";
import { isLinux } from "../../host/runtime.ts";
import { OWN_DESCRIPTORS, STREAM_DESCRIPTORS, STREAMS_AHEAD_MAX } from "../../core/limits/streams.ts";
import { readQuietly } from "../proc/process_table.ts";

/** The most that this program may set for others; undefined where nobody tells. */
interface SystemLimits {
  readonly files: number | undefined;
  readonly cpuSeconds: number | undefined;
}

/** The bit of `CAP_SYS_RESOURCE`: whoever has it may raise its hard limits. */
const MAY_RAISE = 24n;

/** Issues of one actor with limits. */
export function checkSystemLimits({ name, limits = {} }: Actor): readonly FlowIssue[] {
  const { files, cpuMs = 0 } = limits;
  if (files === undefined && cpuMs === 0) return [];
  const most = readSystemLimits();
  const issues: FlowIssue[] = [];
  const report = (key: string, message: string): void => {
    issues.push({
      path: ["actors", name, "limits", key],
      message: `Cannot limit actor "${name}" to ${message}`,
    });
  };
  if (files !== undefined && files > (most.files ?? Infinity)) {
    report(
      "files",
      `${files} open files: the system allows ${most.files} at most (ulimit -Hn tells it; expected less)`,
    );
  }
  // The hard limit is a second more: SIGXCPU comes first.
  if (cpuMs / 1000 + 1 > (most.cpuSeconds ?? Infinity)) {
    report(
      "cpu",
      `${
        cpuMs / 1000
      } s of processor time: the system allows ${most.cpuSeconds} s at most (ulimit -Ht tells it; expected less)`,
    );
  }
  return issues;
}

function readSystemLimits(): SystemLimits {
  const rights = /^CapEff:\s*([0-9a-f]+)/m.exec(readQuietly("/proc/self/status") ?? "")?.[1] ?? "0";
  if (((BigInt(`0x${rights}`) >> MAY_RAISE) & 1n) === 1n) {
    return { files: toNumber(readQuietly("/proc/sys/fs/nr_open")), cpuSeconds: undefined };
  }
  const limits = readQuietly("/proc/self/limits") ?? "";
  return {
    files: toNumber(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1]),
    cpuSeconds: toNumber(/^Max cpu time\s+\S+\s+(\d+)/m.exec(limits)?.[1]),
  };
}

/** How many streams may be opened ahead of the relays: as many as this process may have descriptors for. */
export function streamsAheadMax(): number {
  return streamsAhead ??= streamsAheadWith(
    toNumber(/^Max open files\s+(\d+)/m.exec(readQuietly("/proc/self/limits") ?? "")?.[1]),
  );
}

let streamsAhead: number | undefined;

/** With so many descriptors; undefined where the system does not tell. */
export function streamsAheadWith(descriptors = Infinity): number {
  const most = Math.floor((descriptors - OWN_DESCRIPTORS) / STREAM_DESCRIPTORS);
  return Math.max(1, Math.min(most, STREAMS_AHEAD_MAX));
}

function toNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

/** Longest argument of a program on Linux, without the zero at its end: 32 pages. */
const ARGUMENT_BYTES_MAX = 128 * 1024 - 1;

/** A text that no program can be given. */
export function isTooLong(text: string): boolean {
  return isLinux && text.length * 3 > ARGUMENT_BYTES_MAX && Buffer.byteLength(text) > ARGUMENT_BYTES_MAX;
}

export function tooLong(text: string, path: FlowIssue["path"]): FlowIssue {
  const message = `Cannot give a text of ${Buffer.byteLength(text)} bytes to a program: it is too long ` +
    `(expected at most ${ARGUMENT_BYTES_MAX} bytes; give it on stdin or in a file)`;
  return { path, message };
}
