"""What a month costs by list prices: the parts that grow with the devices."""

from benchmarks.figures import Prices
from benchmarks.scale.needs import MIB, MONTH_S, Assumed, Kind, Needs

_HOURS = MONTH_S / 3600
_GB_A_TASK = 2
# What crosses a zone where clients and leaders are spread over three: two thirds.
_CROSSING = 2 / 3
_ITEM_BYTES = 400


def month(kind: Kind, n: Needs, a: Assumed, listed: Prices) -> dict[str, float]:
    """US dollars by line."""
    usd = {name: price.usd for name, price in listed.prices.items()}
    messages_millions = n.readings_per_s * MONTH_S / 1e6
    written_millions = n.table_writes_per_s * MONTH_S / 1e6
    # The bridge reads raw and writes readings; processor and sink read readings.
    moved_gb = n.readings_per_s * MONTH_S * (kind.raw_bytes + 3 * kind.reading_bytes) / 1e9
    return {
        "IoT Core: connections": a.devices * MONTH_S / 60 / 1e6 * usd["iot_connection_million_minutes"],
        "IoT Core: messages": messages_millions * usd["iot_message_million"],
        "IoT Core: rule and action": messages_millions
        * (usd["iot_rule_million"] + usd["iot_action_million"]),
        "MSK: brokers": n.brokers * _HOURS * usd["msk_broker_hour"],
        "MSK: storage": n.disk_tib * MIB / 1024 * usd["msk_storage_gb_month"],
        "Between zones": moved_gb * _CROSSING * usd["zone_gb"],
        "Fargate": n.tasks * _HOURS * (usd["fargate_vcpu_hour"] + _GB_A_TASK * usd["fargate_gb_hour"]),
        "DynamoDB": written_millions * (usd["dynamodb_write_million"])
        + written_millions * 1e6 * _ITEM_BYTES / 1e9 * usd["dynamodb_gb_month"],
        "S3: requests": n.s3_puts / 1000 * usd["s3_put_thousand"],
        "S3: a month's data, a month": n.lake_gb * usd["s3_gb_month"],
    }
