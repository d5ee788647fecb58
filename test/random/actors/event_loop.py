"""event_loop.py PATH...: an asyncio program that reads all its inputs at once and writes one after the other to
stdout; `-` is stdin. Of a single input nothing is held."""
import asyncio
import os
import stat
import sys

from pipes import chunks, open_port, run, write_all


def is_pipe(fd):
    mode = os.fstat(fd).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


async def read_into(waiting, path):
    try:
        async for data in read(open_port(path)):
            await waiting.put(data)
    except OSError:
        # The whole program fails then, when it comes to this input.
        await waiting.put(None)
        raise
    await waiting.put(None)


async def read(fd):
    if not is_pipe(fd):
        for data in chunks(fd):
            yield data
        return
    reader = asyncio.StreamReader(limit=65536)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(fd, "rb", buffering=0))
    while data := await reader.read(65536):
        yield data


async def open_writer():
    if not is_pipe(1):
        return None
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(1, "wb", buffering=0))
    return asyncio.StreamWriter(transport, protocol, None, loop)


async def main():
    paths = sys.argv[1:]
    writer = await open_writer()
    queues = [asyncio.Queue(4 if len(paths) == 1 else 0) for _ in paths]
    tasks = [asyncio.create_task(read_into(waiting, path)) for waiting, path in zip(queues, paths)]
    for waiting in queues:
        while (data := await waiting.get()) is not None:
            if writer is None:
                write_all(1, data)
            else:
                writer.write(data)
                await writer.drain()
    await asyncio.gather(*tasks)
    if writer is not None:
        writer.close()
        # Closing writes what is buffered; the loop must not end before that.
        while writer.transport.get_write_buffer_size() > 0:
            await asyncio.sleep(0.001)


run(lambda: asyncio.run(main()))
