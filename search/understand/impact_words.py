"""Words for what an outage or a change does to others: what breaks when this does, what a change of it touches.

Every table holds phrases as typed in lower case. Adding a wording is adding a line.
"""

from __future__ import annotations

# fmt: off
_CHANGES: tuple[str, ...] = (
    "take", "shut", "turn off", "switch off", "stop", "kill", "lose", "remove", "delete", "change", "modify", "touch", "edit", "alter", "upgrade", "update",
    "bump", "migrate", "move", "rewrite", "refactor", "replace", "retire", "sunset", "decommission", "deprecate", "drop", "restart", "reboot", "redeploy",
    "patch", "rename", "break", "disable", "pull", "unplug", "scale down", "roll back", "rollback", "take down", "shut down", "bring down",
)
"""What somebody may do to a thing that others feel."""

_ING: tuple[str, ...] = (
    "changing", "modifying", "touching", "upgrading", "updating", "migrating", "moving", "rewriting", "refactoring", "replacing", "retiring", "removing",
    "deleting", "decommissioning", "deprecating", "dropping", "killing", "stopping", "losing", "restarting", "rebooting", "redeploying", "patching",
    "shutting down", "taking down", "turning off", "switching off", "bringing down", "breaking", "renaming", "disabling",
)

_WHO: tuple[str, ...] = ("we", "i", "someone", "they", "you", "somebody", "one")

ON_A_CHANGE: tuple[str, ...] = (
    *(f"{hit} {when} {who} {act}"
      for hit in ("impacted", "affected", "breaks", "break", "happens", "hit", "stops working", "is affected", "are affected", "would break", "will break")
      for when in ("if", "when", "once") for who in _WHO for act in _CHANGES),
    *(f"{hit} {by} {ing}" for hit, by in (("affected", "by"), ("impacted", "by"), ("hit", "by"), ("impact", "of"), ("effect", "of"), ("effects", "of"),
                                          ("consequences", "of"), ("fallout", "of"), ("knock-on effects", "of"), ("blast radius", "of")) for ing in _ING),
)
"""What breaks when somebody does something to a thing."""

ACTIVE: tuple[str, ...] = (
    *(f"{verb}{out}" for verb in ("affect", "impact", "hit", "hurt", "harm", "break", "disrupt") for out in ("", " directly or indirectly")),
    "affects", "impacts", "hurts", "harms", "disrupts", "take down", "take out", "take down with it", "take with it", "bring down", "knock out", "cause to fail",
)
"""Verbs of what an outage does to others, the thing that fails before them: "which services would the ledger affect"."""

FAULTS: tuple[str, ...] = (
    *(f"{article}{fault} {of}"
      for article in ("a ", "an ", "the ", "")
      for fault in ("outage", "failure", "crash", "loss", "downtime", "unavailability", "maintenance", "upgrade", "migration", "removal", "restart", "shutdown",
                    "change", "changes", "breakage", "incident", "problem", "bug")
      for of in ("of", "in", "on", "to", "with")),
    "maintenance", "outage", "downtime", "offline", "unavailability", "losing",
)
"""What an impact may be asked of beside the thing itself; passed over, since any of it may hit all that use the thing."""
