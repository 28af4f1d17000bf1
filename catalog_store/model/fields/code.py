"""What entities hold of the source they are built from, beside language and repository."""

from __future__ import annotations

from catalog_store.model import kinds as k
from catalog_store.model.fields.row import Field
from catalog_store.model.fields.row import FieldType as F

CODE: tuple[Field, ...] = (
    Field(
        "license",
        F.KEYWORD,
        "The licence its source is under, as SPDX writes it.",
        words=("license", "licence", "licensing", "software license", "licenses", "licensed"),
        kinds=(k.COMPONENT, k.API, k.TEMPLATE),
        paths=(
            "metadata.annotations.*/license",
            "metadata.annotations.*/licence",
            "metadata.labels.*/license",
            "metadata.labels.license",
        ),
        examples=("which components are under a GPL licence?", "components by license"),
    ),
)
