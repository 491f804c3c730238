"""Remote write 1.0 requests without any library: protobuf written out, snappy as one literal."""

import struct

# So many counters have their own pace; the others go with one of them.
PACES = 61


def values(step):
    """The counters' values at a step: far from zero, never falling, by uneven amounts."""
    return [
        struct.pack("<d", 1e6 * (pace + 1) + step * (pace % 7 + 1) + (step * 37 + pace * 11) % 101 / 128)
        for pace in range(PACES)]


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, content):
    """A field of bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def label(name, value):
    return field(1, field(1, name.encode()) + field(2, value.encode()))


def labels(index):
    """A series as an exporter on one of many machines has it; all are found under twenty names."""
    pairs = [
        ("__name__", f"bench_metric_{index % 20}"), ("cpu", str(index // 20 % 8)), ("instance", f"host-{index // 160:05d}:9100"),
        ("job", "node"), ("mode", ["idle", "user", "system", "iowait"][index % 4])]
    return b"".join(label(name, value) for name, value in pairs)


class Series:
    """Series from `first` on, each ready to get a sample."""

    def __init__(self, first, count):
        self.first = first
        sample = len(field(2, b"\x09" + bytes(8) + b"\x10" + varint(1_700_000_000_000)))
        self.heads = []
        for index in range(first, first + count):
            content = labels(index)
            self.heads.append(b"\x0a" + varint(len(content) + sample) + content)

    def request(self, step, time_ms):
        """The compressed body of a request with one sample of each series."""
        time = b"\x10" + varint(time_ms)
        head = b"\x12" + varint(9 + len(time)) + b"\x09"
        tails = [head + value + time for value in values(step)]
        parts = []
        for index, series in enumerate(self.heads):
            parts.append(series)
            parts.append(tails[(self.first + index) % PACES])
        return snappy(b"".join(parts))


def snappy(raw):
    """Snappy's block format, the whole as one literal: its length, the tag of a literal with four bytes of length."""
    return varint(len(raw)) + b"\xfc" + struct.pack("<I", len(raw) - 1) + raw
