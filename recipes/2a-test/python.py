# What build systems and their scripts do with Python: text, files, processes, threads, sockets, hashes, numbers; and
# a module written in C, which lies beside this program's working directory.
import asyncio
import concurrent.futures
import dataclasses
import decimal
import hashlib
import json
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading

import counter


@dataclasses.dataclass(order=True)
class Package:
    name: str
    sizes: list = dataclasses.field(default_factory=list)


def files():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "größe", "x.txt")
        path.parent.mkdir()
        path.write_text("wörter\n" * 3, encoding="utf-8")
        return path.stat().st_size, sorted(p.name for p in path.parent.parent.rglob("*"))


def processes():
    shell = subprocess.run("read x; echo got $x; exit 3", shell=True, input=b"word\n", stdout=subprocess.PIPE)
    child = subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, check=True, text=True)
    return shell.returncode, shell.stdout, child.stdout


def loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        def answer():
            connection, _ = server.accept()
            with connection:
                connection.sendall(connection.recv(100).upper())
        thread = threading.Thread(target=answer)
        thread.start()
        with socket.create_connection(server.getsockname()) as client:
            client.sendall(b"ping")
            reply = client.recv(100)
        thread.join()
    return reply


async def waits():
    async def one(n):
        await asyncio.sleep(0.001 * n)
        return n * n
    return await asyncio.gather(*map(one, range(5)))


print(sys.version_info[:3], sys.platform, sys.byteorder)
print(json.dumps(dataclasses.asdict(Package("make", [1, 2.5, None])), sort_keys=True), Package("a") < Package("b"))
print(re.sub(r"(?P<a>\w+)-(\d+)", r"\2-\g<a>", "gcc-10 musl-1"), f"{'ß'.upper()}", struct.pack(">Hd", 258, 1.5).hex())
print(hashlib.sha256(b"abc").hexdigest()[:16], hashlib.blake2b(b"abc", digest_size=8).hexdigest())
print(decimal.Decimal(2).sqrt(), 0.1 + 0.2, 2 ** 100, round(2.675, 2), (-7) // 2, int("7f", 16))
print(*files())
print(*processes())
print(loopback())
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(sum(pool.map(lambda n: sum(range(n)), range(200))))
print(asyncio.run(waits()))
print(counter.letters("the seed, the compiler"))
try:
    counter.letters(7)
except TypeError as error:
    print(error)
