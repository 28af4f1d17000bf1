"""A run as JUnit XML, which every CI shows: a test a case, and a test a rule of the gate."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence

from eval.gate import Verdict
from eval.outcome import Outcome

_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters XML cannot hold."""


def junit(runs: Mapping[str, Sequence[Outcome]], verdicts: Sequence[Verdict]) -> str:
    """The XML text.

    A wrong case is *skipped*, not failed: a suite is a measure, and whether it is good enough is the gate's to say. Only a
    rule that does not hold is a failure, so a CI that reads the file agrees with the exit code.

    Args:
        runs: suite → outcomes.
        verdicts: of the gate.
    """
    root = ET.Element("testsuites", name="callboard eval")
    for name, outcomes in runs.items():
        suite = ET.SubElement(root, "testsuite", name=name, tests=str(len(outcomes)))
        suite.set("failures", "0")
        suite.set("skipped", str(sum(not o.right for o in outcomes)))
        suite.set("time", f"{sum(o.wall_ms for o in outcomes) / 1000:.3f}")
        for outcome in outcomes:
            case = ET.SubElement(suite, "testcase", classname=f"{name}.{_fit(outcome.type)}")
            case.set("name", _fit(f"{outcome.id}: {outcome.question}"))
            case.set("time", f"{outcome.wall_ms / 1000:.4f}")
            if not outcome.right:
                ET.SubElement(
                    case, "skipped", message=_fit(f"{outcome.why}; read as: {outcome.read_as}")
                )
    gate = ET.SubElement(root, "testsuite", name="gate", tests=str(len(verdicts)))
    gate.set("failures", str(sum(not v.holds for v in verdicts)))
    for verdict in verdicts:
        case = ET.SubElement(
            gate, "testcase", classname=f"gate.{verdict.suite}", name=_fit(verdict.rule)
        )
        if not verdict.holds:
            ET.SubElement(case, "failure", message=_fit(verdict.said))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text)
