"""Bytes made worse: what knows JSON and our formats, beside what only knows bytes. All chance comes in as `draw`."""

import re
from collections.abc import Callable, Sequence
from random import Random

_LONGEST = 4000
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+\-]*|true|false|null')
_WORDS = (
    b"null", b"true", b"false", b"{}", b"[]", b'""', b"0", b"-0", b"-1", b"1", b"2", b"1.0", b"1e0", b"1e308", b"1e309",
    b"-1e999", b"1e-999", b"0.1", b"9007199254740993", b"9223372036854775807", b"9223372036854775808",
    b"18446744073709551616", b"-9223372036854775809", b"9" * 400, b"0." + b"3" * 400, b"NaN", b"Infinity", b"01", b"+1",
    b".5", b"5.", b"1e", b"0x10", b'"\\u0000"', b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\ud83d\\ude00"', b'"\xc3\xa9"',
    b'"\xed\xa0\x80"', b'"\xff"', b'"a\nb"', b'"' + b"x" * 300 + b'"', b"[" * 200, b'{"a":' * 200, b"[[[[]]]]",
    b'"2025-11-08T10:23:45Z"', b'"0001-01-01T00:00:00+23:59"', b'"9999-12-31T23:59:59-23:59"', b'"2025-02-30 00:00:00"',
    b'"2025-03-30 02:30:00"', b'"2025-10-26 02:30:00"', b'"2025-11-08T23:59:60Z"', b'"2025-11-08T10:23:45.123456789Z"',
    b'"2025-11-08"', b'"HeartRate"', b'"SPO2"', b'"Temperature"', b'"120/80"', b'"1/1"', b'"-0/-0"', b'"9999.99/0"',
    b'"1e3/5"', b'"device-1"', b'"DEVICE-1"', b'"gateway-1:device-1"', b'"readings"',
)  # fmt: skip
_KEYS = (
    b"v", b"device_id", b"deviceid", b"user_id", b"timestamp", b"measured_at", b"measured_at_us", b"received_at_us",
    b"datatype", b"value", b"boot", b"seq", b"sequence", b"heart_rate", b"heart_rate_bpm", b"blood_pressure", b"gcs",
    b"on_body", b"temperature", b"temperature_c", b"spo2_pct", b"mqtt_topic", b"received_at", b"reading_id", b"kind",
    b"artefacts", b"payload", b"zone", b"",
)  # fmt: skip
_SPACE = (b" ", b"\n", b"\t", b"\x00", b"\xef\xbb\xbf", b"\xa0", b"//x\n", b",", b"}")

Change = Callable[[bytes, Sequence[bytes], Random], bytes]


def mutated(seeds: Sequence[bytes], draw: Random) -> bytes:
    """One of `seeds`, changed one to four times."""
    data = draw.choice(seeds)
    for _ in range(draw.choice((1, 1, 1, 2, 2, 3, 4))):
        data = draw.choice(_CHANGES)(data, seeds, draw)
    return data[:_LONGEST]


def _word_for_token(data: bytes, _seeds: Sequence[bytes], draw: Random) -> bytes:
    tokens = list(_TOKEN.finditer(data))
    if not tokens:
        return data + draw.choice(_WORDS)
    hit = draw.choice(tokens)
    return data[: hit.start()] + draw.choice(_WORDS) + data[hit.end() :]


def _token_for_token(data: bytes, seeds: Sequence[bytes], draw: Random) -> bytes:
    ours, theirs = list(_TOKEN.finditer(data)), list(_TOKEN.finditer(draw.choice(seeds)))
    if not ours or not theirs:
        return data
    hit = draw.choice(ours)
    return data[: hit.start()] + draw.choice(theirs)[0] + data[hit.end() :]


def _one_more_field(data: bytes, _seeds: Sequence[bytes], draw: Random) -> bytes:
    field = b'"' + draw.choice(_KEYS) + b'":' + draw.choice(_WORDS) + b","
    place = data.find(b"{") + 1
    return data[:place] + field + data[place:]


def _another_key(data: bytes, _seeds: Sequence[bytes], draw: Random) -> bytes:
    keys = list(re.finditer(rb'"([^"]*)"\s*:', data))
    if not keys:
        return data
    hit = draw.choice(keys)
    return data[: hit.start(1)] + draw.choice(_KEYS) + data[hit.end(1) :]


def _less_of_a_field(data: bytes, _seeds: Sequence[bytes], draw: Random) -> bytes:
    parts = data.split(b",")
    del parts[draw.randrange(len(parts))]
    return b",".join(parts)


def _digits(data: bytes, _seeds: Sequence[bytes], draw: Random) -> bytes:
    found = list(re.finditer(rb"[0-9]", data))
    if not found:
        return data
    place = draw.choice(found).start()
    return data[:place] + draw.choice((b"", b"9", b"0", b"99999", b"e", b".", b"-")) + data[place + 1 :]


def _flipped(data: bytes, _seeds: Sequence[bytes], draw: Random) -> bytes:
    if not data:
        return draw.randbytes(4)
    place = draw.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << draw.randrange(8)]) + data[place + 1 :]


def _cut(data: bytes, _seeds: Sequence[bytes], draw: Random) -> bytes:
    return data[: draw.randrange(len(data) + 1)]


def _spliced(data: bytes, seeds: Sequence[bytes], draw: Random) -> bytes:
    other = draw.choice(seeds)
    return data[: draw.randrange(len(data) + 1)] + other[draw.randrange(len(other) + 1) :]


def _twice(data: bytes, _seeds: Sequence[bytes], draw: Random) -> bytes:
    start, end = sorted((draw.randrange(len(data) + 1), draw.randrange(len(data) + 1)))
    return data[:end] + data[start:end] * draw.choice((1, 2, 20)) + data[end:]


def _between(data: bytes, _seeds: Sequence[bytes], draw: Random) -> bytes:
    place = draw.randrange(len(data) + 1)
    return data[:place] + draw.choice(_SPACE) + data[place:]


def _nested(data: bytes, _seeds: Sequence[bytes], draw: Random) -> bytes:
    depth = draw.choice((1, 3, 600))
    return b"[" * depth + data + b"]" * depth


def _noise(_data: bytes, _seeds: Sequence[bytes], draw: Random) -> bytes:
    return draw.randbytes(draw.randrange(64))


_CHANGES: tuple[Change, ...] = (
    *(_word_for_token, _word_for_token, _token_for_token, _one_more_field, _another_key, _less_of_a_field),
    *(_digits, _flipped, _cut, _spliced, _twice, _between, _nested, _noise),
)
