"""Builds remote write 1.0 requests with native histograms: protobuf and snappy's block format by hand."""

import struct


def varint(number):
    number &= (1 << 64) - 1
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def zigzag(number):
    return varint(number << 1 ^ number >> 63)


def message(field, body):
    return varint(field << 3 | 2) + varint(len(body)) + body


def integer(field, number):
    return varint(field << 3) + varint(number)


def double(field, number):
    return varint(field << 3 | 1) + struct.pack("<d", number)


def spans(field, runs):
    return b"".join(message(field, varint(1 << 3) + zigzag(offset) + integer(2, length)) for offset, length in runs)


def histogram(at, positive, negative=((), ()), *, schema=3, zero=0, total=0.0, is_float=False, hint=0):
    """Runs as (offset, length) and the counts of their buckets, for the positive and the negative side."""
    count = sum(positive[1]) + sum(negative[1]) + zero
    body = double(2, count) if is_float else integer(1, count)
    body += double(3, total) + varint(4 << 3) + zigzag(schema) + double(5, 0.001)
    body += double(7, zero) if is_float else integer(6, zero)
    for (runs, counts), (span_field, delta_field, count_field) in ((negative, (8, 9, 10)), (positive, (11, 12, 13))):
        body += spans(span_field, runs)
        if is_float:
            body += message(count_field, b"".join(struct.pack("<d", number) for number in counts))
        else:
            before = [0, *counts]
            body += message(delta_field, b"".join(zigzag(new - old) for old, new in zip(before, counts)))
    return body + integer(14, hint) + integer(15, at)


def series(labels, samples=(), histograms=()):
    body = b"".join(message(1, message(1, name.encode()) + message(2, value.encode()))
                    for name, value in sorted(labels.items()))
    body += b"".join(message(2, double(1, value) + integer(2, at)) for at, value in samples)
    body += b"".join(message(4, item) for item in histograms)
    return message(1, body)


def snappy(body):
    """Literals only, which every decoder takes."""
    out = bytearray(varint(len(body)))
    for start in range(0, len(body), 60_000):
        piece = body[start:start + 60_000]
        out += bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece
    return bytes(out)
