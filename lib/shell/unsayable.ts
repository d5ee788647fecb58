/**
 * What a flow cannot say. It is thrown where it is found, and caught where something larger can be left to a shell:
 * a command of a pipeline, or the whole script. It never leaves this folder.
 */
export class Unsayable extends Error {
  override readonly name = "Unsayable";
  /** Offset in the script. */
  readonly pos: number;

  constructor(pos: number, what: string) {
    super(what);
    this.pos = pos;
  }
}
