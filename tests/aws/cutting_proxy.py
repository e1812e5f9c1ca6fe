"""A proxy on loopback that breaks connections where a test says.

    with CuttingProxy(server.port) as proxy:
        proxy.cuts = [("request", 1000), ("answer", 5000)]

Each new connection takes the next cut: after so many bytes in that direction both ends are reset. Without one left it passes
everything on.
"""

import socket
import struct
import threading


def reset(connection):
    """Close so that the other end sees a reset, whatever is still under way."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    connection.close()


class CuttingProxy:
    def __init__(self, port):
        self.upstream = ("127.0.0.1", port)
        self.cuts = []
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            direction, limit = self.cuts.pop(0) if self.cuts else (None, 0)
            try:
                server = socket.create_connection(self.upstream, timeout=20)
            except OSError:
                reset(client)
                continue
            for source, target, name in ((client, server, "request"), (server, client, "answer")):
                left = limit if name == direction else None
                threading.Thread(target=self.pass_on, args=(source, target, left), daemon=True).start()

    @staticmethod
    def pass_on(source, target, left):
        """Copy until the end, or until `left` bytes went (None: there is no limit)."""
        try:
            while left is None or left > 0:
                piece = source.recv(65536 if left is None else min(left, 65536))
                if not piece:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(piece)
                left = None if left is None else left - len(piece)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)  # wakes the thread of the other direction
            except OSError:
                pass
            reset(end)
