/**
 * What bounds actors that live in other programs, and the connections to them. Bytes unless the name says otherwise.
 */

/** How long a connection may take until both sides have said who they are. */
export const HANDSHAKE_MS = 10_000;

/** How soon it is tried again to connect, and how seldom at last. */
export const RECONNECT_MS = 100;
export const RECONNECT_MAX_MS = 5_000;

/** How long one try to connect may take. */
export const CONNECT_MS = 10_000;

/** Longest command of a peer. */
export const COMMAND_BYTES_MAX = 4096;

/** What waits for one peer before its senders wait: as many messages as ZeroMQ takes, or so many bytes. */
export const PEER_MESSAGES = 1000;
export const PEER_BYTES = 4 * 1024 * 1024;

/** What is given to the system at once. */
export const PEER_BATCH_BYTES = 256 * 1024;

/** A peer is asked whether it is there each so often, and is gone when it has said nothing for so long. */
export const BEAT_MS = 2_000;
export const DEAD_MS = 6_000;

/** Programs that may be connected at the same time. */
export const PEERS_MAX = 1024;

/** What is on its way between the messages of a run and one connection, in each direction, before it has to wait. */
export const REMOTE_WINDOW_BYTES = 1024 * 1024;

/** A remote actor that was sent something and has said nothing for so long is taken to have nothing to say. */
export const REMOTE_SILENT_MS = 6_000;

/** Connections to programs that only asked something are ended when nothing was sent for so long. */
export const STRANGER_IDLE_MS = 60_000;

/** What waits for such a program beyond what its connection holds, before more for it is lost. */
export const STRANGER_BYTES = 4 * 1024 * 1024;

/** How long what was sent last may be on its way when the flow ends. */
export const REMOTE_LINGER_MS = 2_000;

/** Longest name of an actor of another program. */
export const REMOTE_NAME_LENGTH_MAX = 256;
