"""A proxy on loopback that breaks connections where a test says.

    with CuttingProxy(server.port) as proxy:
        proxy.cuts = [("request", 1000), ("answer", 5000)]

Each new connection takes the next cut: after so many bytes in that direction both ends are reset. Without one left it passes
everything on.
"""

import socket
import struct
import threading


def close_with_reset(connection):
    """The other end sees a reset, whatever is still under way."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def pass_on(source, target, limit):
    """Copy until the end or until `limit` bytes went (None: there is no limit). True: it came to its end."""
    left = limit
    try:
        while left is None or left > 0:
            piece = source.recv(65536 if left is None else min(left, 65536))
            if not piece:
                target.shutdown(socket.SHUT_WR)
                return True
            target.sendall(piece)
            left = None if left is None else left - len(piece)
    except OSError:
        pass
    return False


def stop(*ends):
    """Wake the threads that wait for these."""
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


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
            threading.Thread(target=self.relay, args=(client, direction, limit), daemon=True).start()

    def relay(self, client, direction, limit):
        try:
            server = socket.create_connection(self.upstream, timeout=60)
        except OSError:
            close_with_reset(client)
            return

        def copy(source, target, name):
            if not pass_on(source, target, limit if name == direction else None):
                stop(source, target)

        answers = threading.Thread(target=copy, args=(server, client, "answer"))
        answers.start()
        copy(client, server, "request")
        answers.join()
        for end in (client, server):
            close_with_reset(end)
