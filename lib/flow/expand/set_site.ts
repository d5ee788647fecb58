/**
 * A set on its way through the checks.
 */
import type { CheckContext } from "../check_context.ts";
import type { Params } from "../check_params.ts";
import type { Shape } from "../check_shape.ts";
import type { SetFile } from "../set_schema.ts";

export interface SetSite {
  readonly name: string;
  readonly shape: Shape<SetFile>;
  readonly params: Params;
  readonly check: CheckContext;
}
