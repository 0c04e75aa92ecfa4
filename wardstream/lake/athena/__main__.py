"""`python -m wardstream.lake.athena`: writes the .sql files anew."""

from pathlib import Path

from wardstream.lake.athena import statements

for name, text in statements().items():
    Path(__file__).with_name(f"{name}.sql").write_text(text)
