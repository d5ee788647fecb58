/**
 * Tells when files change, come or go. The watching is chokidar's, which works alike on all runtimes.
 */
import { existsSync } from "node:fs";
import { basename, dirname, relative } from "node:path";
import type { ChokidarOptions } from "chokidar";

/** Absolute paths. */
export interface WatchedPlaces {
  readonly files: ReadonlySet<string>;
  /** Folders in which files come and go, and in whose folders. Names that begin with a dot are passed over. */
  readonly trees: ReadonlySet<string>;
  /** Folders in which files come and go. */
  readonly folders: ReadonlySet<string>;
}

export interface FileChange {
  readonly path: string;
  readonly kind: "come" | "gone" | "changed";
}

export interface FileWatcher {
  readonly close: () => Promise<void>;
}

/** Resolves when it watches. A file may be there or not. */
export async function watchFiles(
  places: WatchedPlaces,
  { onChange, onFailed }: {
    readonly onChange: (change: FileChange) => void;
    /** Something cannot be watched: the system has too few watches left, for instance. Called once. */
    readonly onFailed: (error: unknown) => void;
  },
): Promise<FileWatcher> {
  const { watch } = await import("chokidar");
  const parents = new Set([...places.files].map((path) => dirname(path)));
  const options: ChokidarOptions = {
    ignoreInitial: true,
    ignorePermissionErrors: true,
    ignored: (path) => !parents.has(path) && !isWatched(path, places),
  };
  // A file may be replaced by another of its name, or be made only later: its folder knows.
  const roots = new Set([...places.trees, ...places.folders, ...parents]);
  // Its folder tells of a file, too. Named beside it, a thousand take some hundred times as long, and a gigabyte on Deno.
  const alone = [...places.files].filter((path) => !existsSync(dirname(path)));
  const watcher = watch([...roots, ...alone], options);
  watcher.on("all", (event, path) => {
    if (event === "addDir" && roots.has(path)) return;
    if (event === "change") onChange({ path, kind: "changed" });
    else onChange({ path, kind: event === "add" || event === "addDir" ? "come" : "gone" });
  });
  let hasFailed = false;
  watcher.on("error", (error) => {
    if (!hasFailed) onFailed(error);
    hasFailed = true;
  });
  await new Promise<void>((settle) => watcher.once("ready", settle));
  return { close: () => watcher.close() };
}

function isWatched(path: string, { files, trees, folders }: WatchedPlaces): boolean {
  if (files.has(path) || trees.has(path) || folders.has(path)) return true;
  if (basename(path).startsWith(".")) return false;
  if (folders.has(dirname(path))) return true;
  for (const tree of trees) {
    const inside = relative(tree, path);
    if (!inside.startsWith("..") && !inside.split("/").some((part) => part.startsWith("."))) return true;
  }
  return false;
}
