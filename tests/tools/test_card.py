"""The card's table of small tasks says what was measured."""

from tools.bundled_model.card import task_rows


def test_the_model_stands_beside_what_the_platform_does() -> None:
    screens = {"recall": [0.04, 0.006, 0.084], "precision": [0.857, 0.5, 1.0]}
    title = {"named": [0.3, 0.2, 0.4], "to the point": [0.5, 0.4, 0.6]}
    topics = {"known topics": title, "held-out topics": title}
    tasks = {
        "propositions": {
            "model, evidence anywhere": {
                "screens": {"recall": [0.0, 0.0, 0.0], "precision": None,
                            "traps believed": [0.015, 0.0, 0.03]},
            },
            "pattern": {"screens": {**screens, "traps believed": [0.0, 0.0, 0.0]}},
        },
        "relation": {
            arm: {"accuracy": [share, 0.1, 0.6]}
            for arm, share in (("majority", 0.172), ("cosine thresholds", 0.362), ("rules", 0.483),
                               ("model", 0.19))
        },
        "title": {
            "model, else first 60 characters": topics,
            "platform's first 60 characters": topics,
        },
    }  # fmt: skip
    propositions, traps, relation, *titles = task_rows(tasks)
    assert propositions[1] == "0.00 (0.00 to 0.00), none given"
    assert propositions[2] == "patterns: 0.04 (0.01 to 0.08), 0.86 (0.50 to 1.00)"
    assert traps[1:] == ("1.5 %", "0.0 %")
    assert relation[1:] == (
        "0.19 (0.10 to 0.60)",
        "rules: 0.48 (0.10 to 0.60); cosine thresholds 0.36, the commonest label 0.17",
    )
    assert [row[0].partition(":")[0] for row in titles] == [
        "title, known topics",
        "title, held-out topics",
    ]
