"""Grades the quiz that Estrade grades, for the peers: the same marks from the same JSON."""

import json
import os
from datetime import datetime, timezone
from decimal import Decimal

HUNDRED = Decimal(100)

INSERT = """insert into mark (attempt, quiz, quiz_version, course, learner, number, answers, mark,
out_of, passed, submitted_at, graded_at) values ({}) on conflict (attempt) do nothing"""

EXCHANGE = "estrade.events"
ROUTING_KEY = "assessment.attempt-graded.v1"


def load_quiz():
    with open(os.environ["BENCH_QUIZ"], encoding="utf-8") as file:
        return prepared(json.load(file))


def prepared(quiz):
    """What is the same for all attempts is worked out once."""
    questions = []
    for question in quiz["questions"]:
        kind = question["kind"]
        if kind in ("single_choice", "multiple_choice"):
            rule = [Decimal(str(choice["weight"])) for choice in question["choices"]]
        elif kind == "true_false":
            rule = question["answer"]
        elif kind == "short_answer":
            rule = [
                (accepted["pattern"].strip().casefold(), Decimal(str(accepted["weight"])))
                for accepted in question["accepted"]
            ]
        elif kind == "numerical":
            rule = [
                (
                    Decimal(accepted["pattern"]["near"]["value"]),
                    Decimal(accepted["pattern"]["near"]["tolerance"]),
                    Decimal(str(accepted["weight"])),
                )
                for accepted in question["accepted"]
            ]
        else:
            raise ValueError(f"no question of the bench is of the kind {kind}")
        questions.append((question["id"], kind, rule))
    return {"pass_percent": Decimal(str(quiz["pass_percent"])), "questions": questions}


def share(kind, rule, answer):
    """How much of a question's mark an answer is worth."""
    if answer is None:
        return Decimal(0)
    if kind == "true_false":
        return Decimal(1) if answer["value"] == rule else Decimal(0)
    if kind == "single_choice":
        picked = answer["picked"]
        return rule[picked[0]] / HUNDRED if len(picked) == 1 else Decimal(0)
    if kind == "multiple_choice":
        percent = sum((rule[place] for place in answer["picked"]), Decimal(0))
        return min(max(percent / HUNDRED, Decimal(0)), Decimal(1))
    if kind == "short_answer":
        text = answer["text"].strip().casefold()
        return next((weight / HUNDRED for pattern, weight in rule if pattern == text), Decimal(0))
    number = Decimal(answer["number"])
    for value, tolerance, weight in rule:
        if abs(number - value) <= tolerance:
            return weight / HUNDRED
    return Decimal(0)


def grade(quiz, submitted):
    """The attempt-graded that an attempt-submitted comes to."""
    answers = submitted["answers"]
    shares = (share(kind, rule, answers.get(id_)) for id_, kind, rule in quiz["questions"])
    mark = max(sum(shares, Decimal(0)), Decimal(0)).quantize(Decimal("0.0000001"))
    out_of = Decimal(len(quiz["questions"]))
    return {
        "attempt": submitted["attempt"],
        "version": 1,
        "quiz": submitted["quiz"],
        "course": submitted["course"],
        "learner": submitted["learner"],
        "number": submitted["number"],
        "mark": str(mark),
        "out_of": str(out_of),
        "passed": mark * HUNDRED >= quiz["pass_percent"] * out_of,
        "graded_at": datetime.now(timezone.utc).isoformat(),
    }


def row(submitted, graded):
    """The values of INSERT."""
    return (
        submitted["attempt"],
        submitted["quiz"],
        submitted["quiz_version"],
        submitted["course"],
        submitted["learner"],
        submitted["number"],
        json.dumps(submitted["answers"]),
        graded["mark"],
        graded["out_of"],
        graded["passed"],
        datetime.fromisoformat(submitted["submitted_at"]),
        datetime.fromisoformat(graded["graded_at"]),
    )
