"""Scalps grown lately, kept in memory: who compares options redraws from them and does not grow them again.

A scalp is known again by everything it was grown from: the whole story of the person, site, seed, draws, start and
evidence. Nothing is kept unless a program that runs on asks for it. It is the same object that `today` would give.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict

from follicast.evidence.library import evidence
from follicast.patient import Patient
from follicast.today import Today, today

Key = tuple[str, str | None, int, int, dt.date | None, str]


class Memory:
    """At most so many scalps, the one asked for longest ago forgotten first; two who ask for one at once share it."""

    def __init__(self, most: int = 0) -> None:
        self.most, self.met, self.grown = most, 0, 0
        self._kept: OrderedDict[Key, Today] = OrderedDict()
        self._growing: dict[Key, threading.Lock] = {}
        self._lock = threading.Lock()

    def today(
        self, patient: Patient, seed: int, draws: int, start: dt.date | None, site: str | None
    ) -> Today:
        """Return the scalp, remembered or grown now."""
        if self.most == 0:
            return today(patient, seed=seed, draws=draws, start=start, site=site)
        key = (patient.model_dump_json(), site, seed, draws, start, evidence().version)
        with self._lock:
            turn = self._growing.setdefault(key, threading.Lock())
        with turn:
            found = self._known(key)
            if found is None:
                found = today(patient, seed=seed, draws=draws, start=start, site=site)
                self._keep(key, found)
        return found

    def _known(self, key: Key) -> Today | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                self.met += 1
            return found

    def _keep(self, key: Key, found: Today) -> None:
        with self._lock:
            self._kept[key] = found
            self.grown += 1
            self._growing.pop(key, None)
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)

    def forget(self) -> None:
        """Let go of every scalp."""
        with self._lock:
            self._kept.clear()


MEMORY = Memory()
