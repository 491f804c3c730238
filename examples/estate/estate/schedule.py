"""When what happens: tasks in the order of their times, which do not depend on how late they are run."""

import heapq
import itertools


class Schedule:
    """Tasks that are called with their own due time and give the seconds until they are due again.

    Times are seconds of a clock that the caller has. Equal seeds give equal orders, however busy the machine is.
    """

    # Seconds behind which what was missed is left out: after a suspended night nobody wants eight hours in one moment.
    PATIENCE = 10

    def __init__(self, start):
        self.start = start
        self.heap, self.numbers = [], itertools.count()

    def add(self, task, after=0.0):
        heapq.heappush(self.heap, (self.start + after, next(self.numbers), task))

    @property
    def next(self):
        return self.heap[0][0]

    def run(self, now):
        """Runs what is due at `now`."""
        if now - self.next > self.PATIENCE:
            skipped = now - self.next
            self.heap = [(due + skipped, number, task) for due, number, task in self.heap]
        while self.next <= now:
            due, number, task = heapq.heappop(self.heap)
            heapq.heappush(self.heap, (due + task(due), number, task))
