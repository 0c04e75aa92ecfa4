"""Where the audit log is."""

from pathlib import Path

from pydantic import Field

from wardstream.runtime.settings import ServiceSettings


class AuditSettings(ServiceSettings):
    """The log's folder; and its head, which should be where those who can write the log can't write."""

    audit_folder: Path | None = Field(None, description="audit.log and the keys of pseudonyms")
    audit_head: Path | None = Field(None, description="the file that says how far the log goes, kept apart")
