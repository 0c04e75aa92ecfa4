"""The registry: whose device it is, and where it stands."""

import msgspec

from wardstream.contracts.reading import Id


class Device(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="v", tag=1):
    """The value of compacted topic `devices`, key `device_id`. A device that isn't registered is its own user.

    `zone` is the IANA zone of its clock, used for timestamps that carry none.
    """

    device_id: Id
    user_id: Id
    ward: str = ""
    bed: str = ""
    zone: str = "UTC"
