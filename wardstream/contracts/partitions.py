"""Which partition a key belongs to: Java's murmur2, as every producer here uses it."""

_SEED = 0x9747B28C
_M = 0x5BD1E995
_R = 24
_MASK = 0xFFFFFFFF
_SIGN = 0x7FFFFFFF


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a record with this key in a topic of so many. `org.apache.kafka.common.utils.Utils.murmur2`."""
    return (_murmur2(key) & _SIGN) % partitions


def _murmur2(data: bytes) -> int:
    length = len(data)
    whole = length & ~3
    hashed = (_SEED ^ length) & _MASK
    for start in range(0, whole, 4):
        word = int.from_bytes(data[start : start + 4], "little") * _M & _MASK
        word = (word ^ (word >> _R)) * _M & _MASK
        hashed = (hashed * _M & _MASK) ^ word
    if whole < length:
        hashed = (hashed ^ int.from_bytes(data[whole:], "little")) * _M & _MASK
    hashed = (hashed ^ (hashed >> 13)) * _M & _MASK
    return hashed ^ (hashed >> 15)
