"""A link to the catalog or its docs, unfurled. Everybody in the channel sees it, so only what may be public stands in it."""

from __future__ import annotations

from assistant.cells import column_name, value_text
from assistant.entity_page import DocumentPage, EntityPage
from slackbot.blocks.limits import Block, clip, context, label
from slackbot.text import rich, rich_block

PUBLIC = ("type", "owner", "lifecycle", "tier", "system", "language")
"""Fields shown of an entity: what it is and whose it is. No incidents, costs, people or links."""

EXCERPT = 280


def entity_unfurl(page: EntityPage) -> list[Block]:
    """The blocks for an entity."""
    about = page.description or ""
    said = f"**{page.title.replace('*', '')}**\n{clip(' '.join(about.split()), EXCERPT)}"
    facts = {fact.field: fact for fact in page.facts}
    shown = [
        f"{column_name(name)}: {clip(value_text(facts[name].value), 80)}"
        for name in PUBLIC
        if name in facts and facts[name].value not in (None, "", [])
    ]
    return [rich_block(rich(said)), *context(f"{page.kind} · " + " · ".join(shown))]


def document_unfurl(page: DocumentPage) -> list[Block]:
    """The blocks for a page of documentation."""
    first = page.passages[0].text if page.passages else ""
    said = f"**{page.title.replace('*', '')}**\n{clip(' '.join(first.split()), EXCERPT)}"
    sort = "Runbook" if page.runbook else "Documentation"
    about = ", ".join(label(n.title, 60)["text"] for n in page.about[:3])
    return [rich_block(rich(said)), *context(f"{sort}{f' of {about}' if about else ''}")]
