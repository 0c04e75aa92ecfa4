"""The command line: every option stands for a setting. Pure."""

import argparse
from collections.abc import Sequence

_EPILOG = """examples:
  python -m sagemaker_training --lake s3://wardstream-lake --days 28
  python -m sagemaker_training --lake s3://wardstream-lake --shard 3/16 --hold
  python -m sagemaker_training --every-h 24
Every option has a variable: --days is TRAIN_DAYS, --lake s3://BUCKET is LAKE_BUCKET.
"""
_S3 = "s3://"


def parsed(arguments: Sequence[str]) -> dict[str, str]:
    """Settings by name, as text; only those given."""
    given = vars(_parser().parse_args(arguments))
    lake = given.pop("lake", None)
    return given | ({} if lake is None else where(lake))


def where(lake: str) -> dict[str, str]:
    """The setting that says where the lake is: a bucket, or a folder."""
    if lake.startswith(_S3):
        return {"lake_bucket": lake.removeprefix(_S3).strip("/")}
    return {"train_lake_folder": lake}


def _parser() -> argparse.ArgumentParser:
    described = argparse.ArgumentParser(
        prog="python -m sagemaker_training",
        description="Learns what is usual for each person, and publishes what is better than what is in force.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    described.add_argument("--lake", metavar="s3://BUCKET|FOLDER", help="where the readings are")
    described.add_argument("--days", dest="train_days", metavar="N", help="how many dates are read (28)")
    described.add_argument(
        "--held-out", dest="train_held_out_days", metavar="N", help="the last of them, kept for judging (3)"
    )
    described.add_argument(
        "--until", dest="train_until", metavar="DATE", help="the date after the last one read (today, UTC)"
    )
    described.add_argument(
        "--shard", dest="train_shard", metavar="I/N", help="train only this part of the people (0/1)"
    )
    described.add_argument(
        "--every-h", dest="train_every_h", metavar="H", help="train again every H hours (0: once)"
    )
    described.add_argument(
        "--hold", dest="train_hold", action="store_true", help="leave what is better as a shadow"
    )
    described.add_argument(
        "--report", dest="train_report", metavar="FILE", help="write what it came to here, as JSON"
    )
    return described
