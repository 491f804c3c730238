"""What the systems of the estate have in common."""


class System:
    """A group of services, and the tasks that make them do something.

    A task takes its due time in seconds since the epoch and gives the seconds until it is due again. What happened is
    handed to `publish`, whose sinks are the estate's.
    """

    name = ""

    def __init__(self, knobs, random, publish):
        self.knobs, self.random, self.publish = knobs, random, publish
        self.services = []
        # Exporters that are scraped, by the name in the path of their metrics.
        self.exporters = {}
        self.build()

    def build(self):
        """Makes services and instruments."""

    def tasks(self):
        """(task, seconds until it is first due) pairs."""
        return []

    def wait(self, per_second):
        """Seconds to the next of events that come at random, at so many a second."""
        return self.random.expovariate(per_second * self.knobs.rate)

    def finish(self, journey, due):
        journey.finish(int(due * 1e9))
        self.publish(journey)

    def near(self, middle, share=0.05):
        """A number near another, as measurements of something steady are."""
        return middle * self.random.uniform(1 - share, 1 + share)
