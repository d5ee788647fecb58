/**
 * What the parts of a check share while one flow is checked: where issues go, and who knows the right spelling.
 */
import { editDistance } from "../../core/edit_distance.ts";
import type { FlowIssue } from "../../core/issue.ts";
import { quote } from "../schema/names.ts";

/** What a flow is given by whoever runs or uses it. */
export interface Outside {
  /** What its inputs are by port: absolute paths, or `-`. */
  readonly inputs: Readonly<Record<string, string>>;
  /** What an environment file says: for parameters that are taken from variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** Where relative paths start that it is given. @default the current folder */
  readonly folder?: string;
  /** What nobody should see, of the flow that uses it. */
  readonly secrets: readonly string[];
  /** Of every process of the flow that uses it. */
  readonly env: Readonly<Record<string, string>>;
  /** True when another flow uses it, which connects the inputs. */
  readonly isUsed: boolean;
}

export interface CheckContext {
  /** Absolute; relative paths of the flow start here. */
  readonly folder: string;
  readonly outside: Outside;
  /** True for what is checked once more, with a record of a stream, while the flow runs. */
  readonly isOfRecord?: true;
  readonly issues: readonly FlowIssue[];
  readonly report: (issue: FlowIssue) => void;
  /** Absolute paths of what the flow is read from, beside its own file. */
  readonly files: Set<string>;
  readonly folders: Set<string>;
  /** The candidate that was probably meant by a name that is none of them. */
  readonly closest: (name: string, candidates: Iterable<string>) => string | undefined;
}

/** Names compared for all suggestions of one check together: ten thousand bad names among ten thousand take long. */
const COMPARISONS_MAX = 200_000;

/** A longer name is hardly a slip of the finger. */
const NAME_LENGTH_MAX = 64;

/** Nothing from anybody. */
export const NOTHING: Outside = { inputs: {}, variables: {}, secrets: [], env: {}, isUsed: false };

/** A check with no issue yet. */
export function createCheck(folder: string, outside: Outside = NOTHING): CheckContext {
  const issues: FlowIssue[] = [];
  let comparisonsLeft = COMPARISONS_MAX;
  return {
    folder,
    outside,
    issues,
    files: new Set(),
    folders: new Set(),
    report: (issue) => {
      issues.push(issue);
    },
    closest: (name, candidates) => {
      if (name === "" || name.length > NAME_LENGTH_MAX) return undefined;
      let best: string | undefined;
      // A third of the letters, and never all of them.
      let bestDistance = Math.min(3, name.length - 1, Math.max(1, Math.floor(name.length / 3))) + 1;
      for (const candidate of candidates) {
        if (comparisonsLeft-- <= 0) return best;
        if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
        const found = isAnagram(name, candidate) ? 1 : editDistance(name, candidate);
        if (found < bestDistance) [best, bestDistance] = [candidate, found];
      }
      return best;
    },
  };
}

/** Letters in another order are the most common slip: "rnu". */
function isAnagram(a: string, b: string): boolean {
  return a.length === b.length && a[0] === b[0] && [...a].sort().join("") === [...b].sort().join("");
}

/** `did you mean "foo"?`, or the other text when nothing is close. */
export function didYouMean(meant: string | undefined, otherwise: string): string {
  return meant === undefined ? otherwise : `did you mean ${quote(meant)}?`;
}

/** The first few names, and how many more there are. */
export function someNames(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(", ");
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}
