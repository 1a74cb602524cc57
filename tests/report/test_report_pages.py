"""What `show`, `scale`, `explain`, `suggest` and `rules` print."""

from __future__ import annotations

import json

from advisor.explain import Explained
from advisor.findings import Assumed, Derived, Fact, Finding, Reading, ReadingValue, Unknown
from advisor.report import Look, advice, explained, page, reading, rules, scaling
from advisor.scale import scale
from advisor.suggest import Advice, Explanation

READING = Reading(
    "train.yaml",
    dialect="axolotl",
    dialect_evidence=("`base_model`", "`micro_batch_size`"),
    values=(
        ReadingValue("batch_size", 4, "samples", "micro_batch_size", 5),
        ReadingValue("learning_rate", 2e-4, "", "learning_rate", 8, "text in YAML 1.1"),
    ),
    groups={"generator": (ReadingValue("learning_rate", 1e-4, "", "g.lr", 12),)},
    defaults=(Assumed("optimizer", "adamw", "the trainer's default"),),
    derived=(Derived("global_batch_size", 512, "4 * 8 * 16"), Derived("total_epochs", 3, "3")),
    context=(Fact("regime", "adapter fine-tuning", "`lora_r` at line 3"),),
    unknown=(Unknown("dataset_size", "nothing in the file says so"),),
)


def test_show_reads_like_a_page() -> None:
    assert "".join(reading.render_text([READING], Look())) == (
        "train.yaml\n"
        "\n"
        "read as axolotl, because of `base_model` and `micro_batch_size`\n"
        "\n"
        "2 parameters\n"
        "  batch_size     4 samples  line 5  micro_batch_size\n"
        "  learning_rate  2e-4       line 8                    text in YAML 1.1\n"
        "\n"
        "Group generator\n"
        "  learning_rate  1e-4  line 12  g.lr\n"
        "\n"
        "Assumed where the file says nothing\n"
        "  optimizer  adamw  the trainer's default\n"
        "\n"
        "Derived\n"
        "  global_batch_size  512  = 4 x 8 x 16\n"
        "  total_epochs       3\n"
        "\n"
        "Context\n"
        "  regime  adapter fine-tuning  `lora_r` at line 3\n"
        "\n"
        "Not known\n"
        "  dataset_size  nothing in the file says so\n"
    )


def test_show_of_runs_of_nothing_and_of_what_cannot_be_read() -> None:
    pages = [Reading("zoo.yml", run="CartPole-v1"), Reading("gone.json", problem="there is no such file")]
    assert "".join(reading.render_text(pages, Look())) == (
        "zoo.yml, run CartPole-v1\n"
        "\n"
        "read as generic\n"
        "\n"
        "No training parameter\n"
        "  nothing in the file is the name of one\n"
        "\n"
        "gone.json\n"
        "\n"
        "could not be read: there is no such file\n"
    )


def test_show_as_json() -> None:
    document = json.loads("".join(reading.render_json([READING], Look())))
    assert document["schema"] == "hpadvise/reading/1"
    (entry,) = document["files"]
    assert entry["parameters"][0] == {
        "name": "batch_size",
        "value": 4,
        "unit": "samples",
        "key": "micro_batch_size",
        "line": 5,
        "note": "",
    }
    assert entry["derived"][0] == {"name": "global_batch_size", "value": 512, "arithmetic": "4 * 8 * 16"}


def test_columns_are_wrapped_to_what_there_is_room_for() -> None:
    rows = [
        ("learning_rate", "2e-4", "a remark that goes on for rather longer than there is room"),
        ("x", "[" + ", ".join(["0.9"] * 12) + "]", ""),
    ]
    lines = "".join(page.render([page.Page("Title", [page.Section("Head", rows=rows)])], Look(width=60))).splitlines()
    assert max(map(len, lines)) <= 60
    assert lines[3] == "  learning_rate  2e-4                  a remark that goes on"


def test_a_word_longer_than_the_page_is_broken() -> None:
    rows = [("key", "x" * 200, "note")]
    lines = "".join(page.render([page.Page("Title", [page.Section("", rows=rows)])], Look(width=60))).splitlines()
    assert max(map(len, lines)) <= 60
    assert "".join(lines).count("x") == 200


def test_what_a_stranger_wrote_cannot_move_the_cursor() -> None:
    hostile = Reading("a\x1b[2J\n.yaml", values=(ReadingValue("lr", "\x1b[31m", "", "k\x07", 1),))
    shown = "".join(reading.render_text([hostile], Look(colour=False)))
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_scale_says_how() -> None:
    assert "".join(scaling.render_text(5e-4, scale(5e-4, from_batch=128, to_batch=1024), Look())) == (
        "Learning rate 5e-4 becomes 1.41421e-3\n"
        "\n"
        "How\n"
        "  rule        sqrt\n"
        "  arithmetic  0.0005 * sqrt(1024 / 128) = 0.00141421\n"
        "\n"
        "Source\n"
        "  Malladi et al. 2022, arXiv:2205.10287\n"
        "  Krizhevsky 2014, arXiv:1404.5997\n"
    )


def test_scale_as_json() -> None:
    moved = scale(1e-3, from_batch=32, to_batch=128, rule="adaptive")
    document = json.loads("".join(scaling.render_json(1e-3, moved, Look())))
    assert (document["schema"], document["learning_rate"]) == ("hpadvise/scaling/1", 2e-3)
    assert document["from"] == {"learning_rate": 1e-3}
    assert document["betas"] == [0.6000000000000001, 0.996]


EXPLAINED = Explained(
    "rule",
    "LR001",
    "LR001 learning-rate-out-of-range",
    (("Why", "Too high a rate diverges."), ("Sources", "Kingma & Ba 2015\nBengio 2012")),
    ("context", "low", "high"),
    (("adam", "1e-4", "0.01"), ("sgd", "1e-3", "")),
)


def test_explain_puts_the_table_before_the_sources() -> None:
    assert "".join(explained.render_text(EXPLAINED, Look())) == (
        "LR001 learning-rate-out-of-range\n"
        "\n"
        "Why\n"
        "  Too high a rate diverges.\n"
        "\n"
        "Recommended\n"
        "  context  low   high\n"
        "  adam     1e-4  0.01\n"
        "  sgd      1e-3\n"
        "\n"
        "Sources\n"
        "  Kingma & Ba 2015\n"
        "  Bengio 2012\n"
    )
    document = json.loads("".join(explained.render_json(EXPLAINED, Look())))
    assert document["rows"][0] == {"context": "adam", "low": "1e-4", "high": "0.01"}


ADVICE = Advice(
    {"learning_rate": 3e-5, "optimizer": "adamw"},
    {
        "learning_rate": Explanation(
            "learning_rate", 3e-5, 1e-5, 5e-5, "BERT, full fine-tuning", "", "typical", ("Devlin et al. 2019",), "A"
        )
    },
    assumed={"batch_size": 16},
    unanswered=("n_topics",),
    notes=("rates of heads may be higher",),
    findings=(Finding("LR001", "n", "note", "a note"),),
)


def test_suggest_gives_the_values_and_then_the_reasons() -> None:
    assert "".join(advice.render_text(ADVICE, Look())) == (
        "Suggested\n"
        "\n"
        "learning_rate  3e-5\n"
        "optimizer      adamw\n"
        "\n"
        "learning_rate = 3e-5\n"
        "  range       1e-5 to 5e-5\n"
        "  context     BERT, full fine-tuning\n"
        "  why         typical\n"
        "  sources     Devlin et al. 2019\n"
        "  confidence  A\n"
        "\n"
        "Assumed on the way\n"
        "  batch_size  16\n"
        "\n"
        "Nothing documented about\n"
        "  n_topics\n"
        "\n"
        "Notes\n"
        "  rates of heads may be higher\n"
        "\n"
        "Check says\n"
        "  LR001  note  a note\n"
    )
    document = json.loads("".join(advice.render_json(ADVICE, Look())))
    assert document["parameters"] == {"learning_rate": 3e-5, "optimizer": "adamw"}
    assert document["explanations"]["learning_rate"]["sources"] == ["Devlin et al. 2019"]
    table = "".join(advice.render_table(ADVICE, Look())).splitlines()
    assert table[2].split() == ["learning_rate", "3e-5", "1e-5", "to", "5e-5", "A", "typical"]
    assert table[3].split() == ["optimizer", "adamw"]
    assert table[4:] == [
        "",
        "Notes",
        "  rates of heads may be higher",
        "",
        "Check says",
        "  LR001  note  a note",
    ]


def test_rules_are_one_line_each() -> None:
    listed = [("LR001", "too-high", "warning", "Too high"), ("BAT001", "odd", "note", "Odd")]
    assert "".join(rules.render_text(listed, Look())) == (
        "LR001   warning  too-high  Too high\nBAT001  note     odd       Odd\n"
    )
    assert json.loads("".join(rules.render_json(listed, Look())))["rules"][1]["code"] == "BAT001"
    assert "".join(rules.render_table(listed, Look())).splitlines()[2].split() == [
        "LR001",
        "too-high",
        "warning",
        "Too",
        "high",
    ]
