from pycodex.operations import QuestionsAsked
from pycodex.repl.form import Form


def question(name: str) -> dict[str, object]:
    options = [{"label": label, "description": f"is {label}"} for label in ("Red", "Blue")]
    return {"id": name, "header": name.title(), "question": f"Which {name}?", "options": options}


def test_options_are_marked_and_taken_or_words_are() -> None:
    form = Form(QuestionsAsked(call_id="c", questions=[question("color"), question("size")]))
    assert "Color: Which color?" in form.text() and " › Red" in form.text()
    form.move(1)
    assert " › Blue" in form.text()
    form.move(1)
    assert " › Red" in form.text()
    form.move(-1)
    assert not form.answer()
    assert "Size: Which size?" in form.text() and " › Red" in form.text()
    assert form.answer("quite large")
    assert form.answers == {"color": ["Blue"], "size": ["quite large"]}


def test_esc_gives_no_answer_unless_the_question_says_what_it_stands_for() -> None:
    form = Form(QuestionsAsked(call_id="c", questions=[question("color"), {**question("size"), "escape": "Blue"}]))
    assert form.escaped() is None and "Esc gives none and stops" in form.text()
    form.answer()
    assert "Esc cancels" in form.text()
    assert form.escaped() == {"color": ["Red"], "size": ["Blue"]}
