/**
 * What is kept for later runs holds hashes of what actors are given. A hash of a secret that could be guessed would tell
 * it to whoever reads them and tries: a guess that takes long is no guess.
 */
import process from "node:process";
import type { Flow } from "../../core/flow.ts";
import { type Hide, makeHide } from "../../core/secrets.ts";

/** The same everywhere, so that the same secret is known again. */
const SALT = "sluice: a secret in a key";
const DIGEST_BYTES = 32;

/** Made once for all that a run asks for. */
const known = new WeakMap<readonly string[], Hide>();

/** Puts a digest that is slow to make in the place of each secret; texts without one are left as they are. */
export function stretchSecrets(flow: Pick<Flow, "secrets">): Hide {
  const stretch = known.get(flow.secrets) ?? makeStretch(flow);
  known.set(flow.secrets, stretch);
  return stretch;
}

function makeStretch(flow: Pick<Flow, "secrets">): Hide {
  return makeHide(flow, (secret) => {
    const { scryptSync } = process.getBuiltinModule("node:crypto"); // Few flows have secrets.
    return scryptSync(secret, SALT, DIGEST_BYTES).toString("hex");
  });
}
