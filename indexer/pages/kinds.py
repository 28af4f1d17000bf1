"""Is a page a runbook, a decision record, or a plain page?"""

from __future__ import annotations

import re

from indexer.pages.page import ALERT_NAME, Page

DOC, RUNBOOK, ADR = "doc", "runbook", "adr"

_RUNBOOK_FOLDERS = frozenset({"runbooks", "runbook", "playbooks", "playbook", "alerts"})
_ADR_FOLDERS = frozenset(
    {
        "adr",
        "adrs",
        "decisions",
        "architecture-decisions",
        "decision-records",
        "architecture-decision-records",
    }
)
_ADR_NAME = re.compile(r"adr[-_ ]?\d+\b|adr[-_ ]", re.IGNORECASE)
_ADR_TITLE = re.compile(r"adr[-_ :]?\s*\d+|decision record\b|architecture decision", re.IGNORECASE)
_ALERT_SECTIONS = frozenset(
    {
        "meaning",
        "impact",
        "diagnosis",
        "mitigation",
        "symptoms",
        "remediation",
        "resolution",
        "escalation",
        "steps",
    }
)
_ABOUT_THE_REPOSITORY = frozenset(
    {
        "contributing",
        "license",
        "changelog",
        "code_of_conduct",
        "security",
        "owners",
        "pull_request_template",
    }
)


def doc_kind(page: Page, *, linked_as_runbook: bool = False) -> str:
    """What sort of page it is.

    Args:
        page: any page.
        linked_as_runbook: some entity has a link of type runbook to it.
    """
    if linked_as_runbook or _says_runbook(page) or _is_alert_page(page):
        return RUNBOOK
    about_itself = page.is_index or page.stem.lower() in _ABOUT_THE_REPOSITORY
    if not about_itself and _RUNBOOK_FOLDERS & set(page.folders):
        return RUNBOOK
    if _is_decision(page):
        return ADR
    return DOC


def _says_runbook(page: Page) -> bool:
    header = page.header
    if header.first("alerts", "alert", "alertname", "alert_name") is not None:
        return True
    kind = header.first("type", "kind", "doc_kind", "category")
    if kind is not None and str(kind[1]).strip().lower() in {"runbook", "playbook"}:
        return True
    return header.first("service", "component") is not None and header.first("severity") is not None


def _is_alert_page(page: Page) -> bool:
    """Named like an alert, with the sections that pages about alerts have."""
    if not any(ALERT_NAME.fullmatch(name) for name in page.alert_names):
        return False
    sections = {heading.title.lower() for heading in page.headings if heading.level > 1}
    return len(sections & _ALERT_SECTIONS) >= 2


def _is_decision(page: Page) -> bool:
    if page.is_index:
        return False
    if _ADR_FOLDERS & set(page.folders[1:]) or _ADR_FOLDERS & {page.folders[0]}:
        return True
    return bool(_ADR_NAME.match(page.stem) or _ADR_TITLE.match(page.title))
