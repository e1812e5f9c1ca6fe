#!/usr/bin/env python3
"""schemathesis asks a real server what the document allows and what it does not: no answer is a server's error, and each
is as the document says: status, type, headers, schema.

test_openapi_fuzz.py PURVEY; FUZZ_EXAMPLES: random questions a call.
"""

import os
import pathlib
import subprocess
import unittest

import packages

packages.enter()

from shop_server import DOCUMENT, Setting, main, serve_with_events, small_model

HERE = pathlib.Path(__file__).resolve().parent


class Fuzz(unittest.TestCase):
    def test_every_answer_is_as_the_document_says(self):
        with serve_with_events(small_model()) as server:
            command = [packages.PROGRAMS / "schemathesis", "--config-file", HERE / "schemathesis.toml", "run", DOCUMENT]
            command += ["--url", f"http://{server.host}:{server.port}", "--max-examples", os.environ.get("FUZZ_EXAMPLES", "10")]
            settings = {**os.environ, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
            done = subprocess.run(
                [str(word) for word in command], cwd=Setting.folder, env=settings, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            self.assertEqual(done.returncode, 0, f"\n{done.stdout[-20000:]}")
            self.assertEqual(server.stop(), 0, server.lines)


if __name__ == "__main__":
    main()
