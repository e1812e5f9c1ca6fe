#!/usr/bin/env python3
"""What was acknowledged outlives restarts, kills and full disks, once.

test_service_durability.py PURVEY   (PURVEY_KILLS: rounds of kill -9, 10)
"""

import os
import pathlib
import resource
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))

from service_client import ROOT, Service, Setting, main, purchase, shop_model

sys.path.insert(0, str(ROOT / "bench"))

import event_kill

USER, ITEM = "AW00000676", "BB-7421"
KILLS = int(os.environ.get("PURVEY_KILLS", 10))
SEED = 3


def start(folder, **how):
    """A server on the folder that is to be killed or refused: exit code and standard error."""
    command = [Setting.program, "serve", shop_model(), "--listen", "127.0.0.1:0", "--quiet", "--events", folder]
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, **how)
    return done.returncode, done.stderr


def full_at(size):
    """A disk that is full when a file has so many bytes: writing fails with EFBIG."""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    return limit


class Durability(unittest.TestCase):
    count = 0

    def setUp(self):
        Durability.count += 1
        self.folder = Setting.folder / f"log{Durability.count}"

    def test_a_restart_replays(self):
        with Service(events=self.folder) as service:
            service.send(*(purchase(f"e{k}", USER, ITEM, time=f"2014-07-0{k + 1}", order=f"o{k}") for k in range(5)))
            service.put("/v1/items:batch", [{"item": ITEM, "price": 3.5, "stock": 0}])
            before = service.answer(user=USER, n=20)
            self.assertEqual(service.stop(), 0)
        with Service(events=self.folder) as service:
            self.assertEqual(service.answer(user=USER, n=20), before)
            self.assertEqual(service.send(purchase("e3", USER, ITEM)), ["duplicate"])
            self.assertEqual(service.pending()[1], 5)

    def test_kill_while_events_arrive(self):
        """Each acknowledged event is in the log exactly once, whenever the server is killed."""
        figures = event_kill.run(Setting.program, shop_model(), self.folder, KILLS, SEED)
        self.assertEqual((figures["lost"], figures["twice"], figures["faults"]), ([], [], []))
        self.assertGreater(figures["acknowledged"], KILLS)

    def test_a_broken_tail_is_cut_off(self):
        with Service(events=self.folder) as service:
            service.send(purchase("a", USER, ITEM), purchase("b", USER, ITEM, order="2"))
        log = self.folder / "events.log"
        whole = log.read_bytes()
        for cut in (1, 20, len(whole.splitlines(True)[1]) - 1):
            log.write_bytes(whole[:-cut])
            with Service(events=self.folder) as service:
                self.assertEqual([event["event_id"] for event in service.pending()[0]], ["a"], cut)
                self.assertEqual(service.send(purchase("b", USER, ITEM, order="2")), ["accepted"])
            self.assertEqual(log.read_bytes(), whole)

    def test_damage_stops_the_start(self):
        with Service(events=self.folder) as service:
            service.send(purchase("a", USER, ITEM), purchase("b", USER, ITEM, order="2"))
        log = self.folder / "events.log"
        log.write_bytes(log.read_bytes().replace(b'"a"', b'"c"'))
        code, message = start(self.folder)
        self.assertEqual((code, message.count("\n")), (3, 1), message)
        self.assertIn("events.log", message)

    def test_one_process_a_folder(self):
        with Service(events=self.folder) as service:
            code, message = start(self.folder)
            self.assertEqual((code, message.count("\n")), (1, 1), message)
            self.assertIn("another purvey", message)
            self.assertEqual(service.send(purchase("a", USER, ITEM)), ["accepted"])

    def test_a_folder_that_cannot_be_written(self):
        self.folder.write_text("a file", encoding="utf-8")
        for folder in (self.folder, "/proc/no/such", "/proc"):
            code, message = start(folder)
            self.assertIn(code, (1, 3), message)
            self.assertEqual(message.count("\n"), 1, message)
        if os.geteuid() == 0:
            return  # to whom no folder is read-only
        locked = Setting.folder / "locked"
        locked.mkdir(mode=0o500)
        code, message = start(locked)
        self.assertEqual((code, message.count("\n")), (1, 1), message)

    def test_a_full_disk_loses_nothing(self):
        rows = [purchase(f"e{k}", USER, ITEM, order=f"o{k}") for k in range(40)]
        with Service(events=self.folder, prepare=full_at(4096)) as service:
            taken = []
            for row in rows:
                answer = service.post("/v1/events", [row])
                if answer.status != 200:
                    break
                taken.append(row["event_id"])
            self.assertEqual((answer.status, answer.error_code()), (503, "cannot_write"))
            self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)
            self.assertGreater(len(taken), 5)
            self.assertEqual([event["event_id"] for event in service.pending()[0]], taken)
            before = service.answer(user=USER)
            self.assertEqual(service.post("/v1/events", rows).status, 503)
            self.assertEqual(service.put("/v1/items:batch", [{"item": ITEM, "event_id": "long" * 40, "price": 1.5}] * 9).status, 503)
            self.assertEqual(service.answer(user=USER), before)
            resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            again = service.send(*rows)
            self.assertEqual(again, ["duplicate"] * len(taken) + ["accepted"] * (len(rows) - len(taken)))
            self.assertEqual([event["event_id"] for event in service.pending()[0]], [row["event_id"] for row in rows])
            after = service.answer(user=USER)
        with Service(events=self.folder) as service:
            self.assertEqual([event["event_id"] for event in service.pending()[0]], [row["event_id"] for row in rows])
            self.assertEqual(service.answer(user=USER), after)


if __name__ == "__main__":
    main()
