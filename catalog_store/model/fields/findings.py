"""What is known of a finding: something a scanner or a policy reported."""

from __future__ import annotations

from catalog_store.model.fields.row import Field
from catalog_store.model.fields.row import FieldType as F
from catalog_store.model.kinds import Table

_T = Table.FINDINGS

FINDINGS: tuple[Field, ...] = (
    Field(
        "rule",
        F.KEYWORD,
        "The rule that was broken.",
        words=("rule",),
        table=_T,
        rank=0,
        examples=("which services break the weak-hash rule?",),
    ),
    Field(
        "policy",
        F.KEYWORD,
        "The policy the rule belongs to: what an organisation decided, where a rule says how it is checked.",
        words=("policy", "constraint"),
        table=_T,
        rank=1,
        examples=("who violates require-labels?", "policy violations by policy"),
    ),
    Field(
        "severity",
        F.KEYWORD,
        "critical, high, medium, low or info. A policy engine that states none means medium by a failure, low by a warning.",
        words=("severity",),
        table=_T,
        value_words={"moderate": "medium", "informational": "info"},
        rank=2,
        examples=("open findings by severity",),
    ),
    Field(
        "suppressed",
        F.BOOLEAN,
        "Waived: someone decided to live with it.",
        words=("waiver",),
        table=_T,
        value_words={
            "suppressed": True,
            "suppress": True,
            "waive": True,
            "waived": True,
            "ignored": True,
            "excepted": True,
            "exempted": True,
            "unsuppressed": False,
        },
    ),
    Field(
        "fixed",
        F.BOOLEAN,
        "Gone since an earlier scan.",
        words=("fix status",),
        table=_T,
        value_words={"fixed": True, "remediated": True, "unfixed": False},
    ),
    Field(
        "open",
        F.BOOLEAN,
        "Neither fixed nor waived.",
        words=("open status",),
        table=_T,
        value_words={"open": True, "outstanding": True},
    ),
    Field(
        "message",
        F.TEXT,
        "What is wrong, in a sentence.",
        words=("finding message",),
        table=_T,
        rank=3,
    ),
    Field(
        "tool",
        F.KEYWORD,
        "The scanner or policy engine that reported it.",
        words=("scanner", "tool", "policy engine"),
        table=_T,
        rank=4,
        examples=("open findings by scanner",),
    ),
    Field(
        "category",
        F.KEYWORD,
        "The group of policies it belongs to, as the policy engine calls it.",
        words=("policy category", "finding category", "category"),
        table=_T,
    ),
    Field(
        "standards",
        F.LIST,
        "The entries of public lists it stands for: CWE-79, OWASP-A01:2021.",
        words=("standard", "cwe", "owasp", "weakness class"),
        table=_T,
    ),
    Field(
        "enforcement",
        F.KEYWORD,
        "What the policy engine does about it: deny, warn, dryrun.",
        words=("enforcement", "enforcement action"),
        table=_T,
    ),
    Field(
        "resource",
        F.KEYWORD,
        "What in the cluster broke the policy: kind, namespace and name.",
        words=("kubernetes resource", "cluster resource", "affected resource"),
        table=_T,
    ),
    Field(
        "detected_at",
        F.TIMESTAMP,
        "When the scan that reports it found it.",
        words=("detection time", "detected at"),
        table=_T,
        more=("newest", "latest", "most recent"),
        less=("oldest",),
    ),
    Field(
        "file",
        F.KEYWORD,
        "The file it was found in.",
        words=("affected file",),
        table=_T,
    ),
    Field(
        "line",
        F.INTEGER,
        "The line it was found in.",
        words=("affected line",),
        table=_T,
    ),
)
