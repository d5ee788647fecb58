"""Every number that bounds something."""

ASK_SECONDS = 5.0  # How long ask() waits unless told.
ASK_GRACE_SECONDS = 0.5  # The engine answers a late ask itself; only then does this side give up.
ASK_QUEUE_MAX = 10_000  # Messages kept while an ask waits.
LINE_BYTES_MAX = 64 * 1024 * 1024
READ_BYTES = 256 * 1024
WRITE_BYTES = 64 * 1024  # What is gathered at most before it is written.
SLOW_SECONDS = 0.0005  # After a handler this slow, each message's output is written at once for a while.
EAGER_MESSAGES = 16
BATCH_LINES = 64  # Read by one call of the JSON parser, which costs half of a call for each.
LATE_ASKS_MAX = 1000  # Asks given up whose late replies are dropped.
QUEUE_MAX = 1000  # Messages read ahead of a receive loop.
POOL_BYTES_MAX = 1024 * 1024 * 1024  # Of buffers that one process has at once, unless told.
