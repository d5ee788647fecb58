/**
 * A set on its way through the checks.
 */
import type { CheckContext } from "../check/check_context.ts";
import type { Params } from "../check/check_params.ts";
import type { Shape } from "../check/check_shape.ts";
import type { SetFile } from "../schema/set_schema.ts";

export interface SetSite {
  readonly name: string;
  readonly shape: Shape<SetFile>;
  readonly params: Params;
  readonly check: CheckContext;
}
