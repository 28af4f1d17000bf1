"""A small organisation's content, for store and search tests."""

from __future__ import annotations

from datetime import UTC, datetime

from catalog_store.content import CatalogContent
from catalog_store.model.document import Document, Passage, SourceSpan
from catalog_store.model.entity import Entity, EntityRef, Value
from catalog_store.model.fields import Field, FieldType

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)

_PAGES: tuple[tuple[str, str, tuple[str, ...], tuple[tuple[str, str], ...]], ...] = (
    (
        "doc:docs/stripe.md",
        "Stripe keys",
        (),
        (
            (
                "Rotate the key",
                "1. Create a new secret key in the dashboard.\n2. Store it in the vault.\n3. Revoke the old key.",
            ),
            ("Who may do it", "Members of the payments team hold the role."),
        ),
    ),
    (
        "doc:docs/backups.md",
        "Backups",
        (),
        (
            ("Schedule", "The ledger database is dumped every night."),
            ("Retention", "Dumps are kept for 30 days."),
        ),
    ),
    (
        "runbook:runbooks/lag.md",
        "QueueLagTooHigh",
        ("QueueLagTooHigh",),
        (
            ("Meaning", "Consumers of the orders topic fall behind."),
            ("Mitigation", "Scale the consumers up."),
        ),
    ),
    (
        "runbook:runbooks/loop.md",
        "PodCrashLooping",
        ("PodCrashLooping",),
        (
            ("Meaning", "A container restarts again and again."),
            ("Mitigation", "Read its last logs and roll back."),
        ),
    ),
)


def content(note: str = "") -> CatalogContent:
    """Four pages and two entities; `note` tells one build from another."""
    result = CatalogContent(sources={"markdown": len(_PAGES)})
    for ref, title, alerts, sections in _PAGES:
        path = ref.split(":", 1)[1]
        result.documents.append(
            Document(
                ref,
                path,
                title,
                description=f"About {title}.{note}",
                alerts=alerts,
                entity_refs=_entity_of(ref),
            )
        )
        for ordinal, (heading, text) in enumerate(sections):
            span = SourceSpan(path, 10 * ordinal + 1, 10 * ordinal + 5)
            result.passages.append(Passage(ref, ordinal, heading, (heading,), text, span))
    for name, text in (
        ("payment-service", "Charges cards."),
        ("ledger", "Books every movement of money."),
    ):
        values: dict[str, Value] = {
            "name": name,
            "description": text,
            "type": "service",
            "coverage": 91.5,
        }
        result.entities.append(
            Entity(
                EntityRef("component", "default", name),
                "Component",
                values,
                SourceSpan("catalog.yaml", 1, 9),
            )
        )
    result.fields.append(
        Field(
            "coverage",
            FieldType.NUMBER,
            "Share of lines tested.",
            words=("coverage",),
            unit="percent",
            discovered=True,
        )
    )
    return result


def _entity_of(ref: str) -> tuple[str, ...]:
    return ("component:default/payment-service",) if "stripe" in ref else ()
