"""What people ask about is counted as far as was agreed to, fades, outlives the process, and puts suggestions in order."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.usage import FOLDER, Usage
from app.usage_section import UsagePolicy
from app.use import FILE, HALF_LIFE_DAYS, LONGEST, MOST_QUESTIONS, MOST_THINGS, PEOPLE, Use
from assistant.answer import Answer, AnswerKind, Chip, Interpretation, Status

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CHECKOUT, LEDGER = "component:default/checkout", "component:default/ledger"


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **stretch: float) -> None:
        self.now += timedelta(**stretch)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _use(folder: Path, clock: Clock) -> Use:
    return Use(folder, clock=clock)


def test_asking_often_counts_once_a_day_for_each_person(tmp_path: Path, clock: Clock) -> None:
    use = _use(tmp_path, clock)
    for _ in range(5):
        use.note([CHECKOUT], who="a")
    use.note([CHECKOUT, LEDGER], who="b")
    use.flush()
    assert use.weights() == {CHECKOUT: 2.0, LEDGER: 1.0}
    clock.pass_by(days=1)
    use.note([LEDGER], who="b")
    use.flush()
    assert use.weights()[LEDGER] > 1.9


def test_what_was_asked_long_ago_fades_and_is_forgotten(tmp_path: Path, clock: Clock) -> None:
    use = _use(tmp_path, clock)
    use.note([CHECKOUT], who="a")
    use.flush()
    clock.pass_by(days=HALF_LIFE_DAYS)
    assert use.weights()[CHECKOUT] == pytest.approx(0.5, abs=0.01)
    clock.pass_by(days=5 * HALF_LIFE_DAYS)
    assert use.weights() == {}


def test_processes_over_one_store_add_up_and_outlive_a_restart(
    tmp_path: Path, clock: Clock
) -> None:
    one, other = _use(tmp_path, clock), _use(tmp_path, clock)
    one.note([CHECKOUT], who="a")
    other.note([CHECKOUT], who="b")
    one.flush()
    other.flush()
    assert _use(tmp_path, clock).weights() == {CHECKOUT: 2.0}
    clock.pass_by(minutes=2)
    assert one.weights()[CHECKOUT] == pytest.approx(2.0, abs=0.01)


def test_a_question_is_told_to_others_once_several_people_asked_it(
    tmp_path: Path, clock: Clock
) -> None:
    use = _use(tmp_path, clock)
    for person in range(PEOPLE):
        assert use.questions() == []
        use.note(
            [CHECKOUT],
            who=str(person),
            question="Who owns  checkout?" if person else "who owns checkout",
        )
        use.flush()
    assert use.questions() == [("who owns checkout", (CHECKOUT,))]
    use.note([], who="x", question="q" * (LONGEST + 1))
    use.flush()
    assert len(json.loads((tmp_path / FILE).read_text())["questions"]) == 1


def test_the_file_is_bounded_and_its_owners_alone(tmp_path: Path, clock: Clock) -> None:
    use = _use(tmp_path, clock)
    for n in range(MOST_THINGS + 100):
        use.note([f"component:default/c{n}"], who="a")
    for n in range(MOST_QUESTIONS + 50):
        use.note([], who="a", question=f"question {n}")
    use.flush()
    held = json.loads((tmp_path / FILE).read_text())
    assert (len(held["things"]), len(held["questions"])) == (MOST_THINGS, MOST_QUESTIONS)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", '{"at": "x", "things": {}, "questions": {}}'])
def test_a_damaged_file_costs_nothing_but_the_order(
    tmp_path: Path, clock: Clock, text: str
) -> None:
    (tmp_path / FILE).write_text(text)
    use = _use(tmp_path, clock)
    assert use.weights() == {}
    use.note([CHECKOUT], who="a")
    use.flush()
    assert _use(tmp_path, clock).weights() == {CHECKOUT: 1.0}


def _asked(store: Path, clock: Clock, keep: str, question: str = "who owns checkout?") -> Use:
    use = _use(store / FOLDER, clock)
    chip = Chip(field="name", op="eq", value=CHECKOUT, label="checkout", span=(0, 1))
    reading = Interpretation(text="owner of checkout", as_of=NOW, chips=(chip,))
    answer = Answer(
        status=Status.ANSWERED, kind=AnswerKind.ENTITIES, text="", interpretation=reading
    )
    usage = Usage(store, UsagePolicy(keep=keep), use=use, clock=clock)
    for person in range(PEOPLE):
        asker = f"user:default/p{person}"
        usage.asked("http", answer, question=question, asker=asker, snapshot="s", seconds=0.1)
    usage.close()
    return use


def test_words_are_counted_only_where_they_may_be_kept(tmp_path: Path, clock: Clock) -> None:
    counted = _asked(tmp_path / "counts", clock, "counts")
    assert counted.weights() == {CHECKOUT: PEOPLE}
    assert counted.questions() == []
    told = _asked(tmp_path / "words", clock, "questions")
    assert told.questions() == [("who owns checkout?", (CHECKOUT,))]
    secret = _asked(tmp_path / "secret", clock, "questions", "who is jane.doe@example.com")
    assert secret.questions() == []
    assert "jane" not in (tmp_path / "secret" / FOLDER / FILE).read_text()


def test_off_counts_nothing(tmp_path: Path, clock: Clock) -> None:
    assert _asked(tmp_path, clock, "off").weights() == {}
    assert not (tmp_path / FOLDER / FILE).exists()
