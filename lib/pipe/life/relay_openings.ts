/**
 * Opening streams, joins and pools, once each: from then on relays take from them and give to them.
 */
import type { DescriptorIo } from "../../host/descriptor_io/descriptor_io.ts";
import { hasCode } from "../../host/errno.ts";
import type { PipeOwners } from "../state/pipe_owners.ts";
import type { RelayAgenda, Turning } from "../state/relay_agenda.ts";
import type { RelayLedger } from "../state/relay_ledger.ts";
import type {
  DeviceSource,
  JoinState,
  JoinTarget,
  StreamOpening,
  StreamSource,
  StreamState,
} from "../state/relay_states.ts";
import { baseOf } from "../state/relay_states.ts";
import { Tap } from "../state/tap.ts";

export class RelayOpenings {
  readonly #io: DescriptorIo;
  readonly #owners: PipeOwners;
  readonly #ledger: RelayLedger;
  readonly #agenda: RelayAgenda;

  constructor(
    { io, owners, ledger, agenda }: {
      readonly io: DescriptorIo;
      readonly owners: PipeOwners;
      readonly ledger: RelayLedger;
      readonly agenda: RelayAgenda;
    },
  ) {
    this.#io = io;
    this.#owners = owners;
    this.#ledger = ledger;
    this.#agenda = agenda;
  }

  /** Opens a stream, or closes the descriptors when there is none to be opened. */
  openStream(stream: StreamState | undefined, given: StreamOpening): void {
    const source = given.kind === "device" ? this.#toSource(given) : given;
    if (stream === undefined || stream.phase !== "unopened") {
      if (source.kind === "pipe" || source.kind === "file") {
        for (const fd of [source.fd, source.tap]) if (fd !== undefined) this.#io.close(fd);
      }
      return;
    }
    stream.phase = "open";
    stream.source = source;
    // Asked once in any case: of a pipe whose last writer left before it was opened here, no wait ever tells.
    const isUnwritten = source.kind === "pipe" && source.isUnwritten === true;
    stream.isReadable = !isUnwritten;
    if (source.kind === "pipe") {
      if (isUnwritten) this.#io.expectWriter(source.fd);
      this.#owners.watch(source.fd, { kind: "stream", stream });
      if (source.tap !== undefined) this.#openTap(stream, source.tap);
    } else this.#ledger.begin(stream);
    if (source.kind === "file") this.#owners.own(source.fd, { kind: "stream", stream });
    this.#agenda.addSource(stream);
  }

  /** A device is waited for like a pipe, where the system tells of it; where it does not, nobody ever waits for it. */
  #toSource({ fd }: DeviceSource): StreamSource {
    try {
      this.#io.watch(fd);
    } catch (error) {
      if (hasCode(error, "EPERM")) return { kind: "file", fd };
      throw error;
    }
    this.#io.forget(fd);
    return { kind: "pipe", fd };
  }

  #openTap(stream: StreamState, fd: number): void {
    stream.tap = new Tap(fd, this.#io);
    this.#owners.watch(fd, { kind: "tap", stream });
  }

  /** Opens the target of a join, or closes the pipe when there is none to be opened. */
  openJoin(join: JoinState | undefined, target: JoinTarget): void {
    if ("path" in target) {
      if (join?.phase !== "unopened") return;
      join.path = target.path;
      return this.#openTarget(join, { isFile: true });
    }
    const { fd, isFile } = target;
    if (join === undefined || join.phase !== "unopened") {
      if (!isFile) this.#io.close(fd);
      return;
    }
    join.fd = fd;
    if (isFile) this.#owners.own(fd, { kind: "join", join });
    else this.#owners.watch(fd, { kind: "join", join });
    this.#openTarget(join, { isFile });
  }

  #openTarget(join: JoinState, { isFile }: { readonly isFile: boolean }): void {
    join.phase = "open";
    join.isFile = isFile;
    join.isWritable = true;
    for (const edge of join.edges) edge.capacity = baseOf(edge.stream);
    this.#agenda.addJoin(join);
  }

  /** The workers that read the join and write the streams may begin. */
  openPool(
    pool: Turning,
    { join, streams }: { readonly join: JoinState | undefined; readonly streams: readonly StreamState[] },
  ): void {
    for (const stream of streams) {
      if (stream.phase !== "unopened") continue;
      stream.phase = "open";
      stream.isReadable = true;
    }
    if (join === undefined || join.phase !== "unopened") return;
    this.#openTarget(join, { isFile: true }); // There is no pipe of its own.
    this.#agenda.addPool(pool);
  }
}
