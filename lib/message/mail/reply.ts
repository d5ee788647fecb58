/**
 * What an actor of the engine answers.
 */
export interface Reply {
  readonly from: string;
  readonly type: string;
  readonly message: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}
