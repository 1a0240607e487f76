"""The German catalogue: nothing that a participant reads is missing, and a whole session comes in German."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.template.base import Node, Template
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from datagen.words import SPOKEN_STEMS
from studyweb.trials.scripted import DjangoTransport, ScriptedParticipant, seeded_rule
from tests.factories import make_study

ROOT = Path(settings.BASE_DIR) / "studyweb"
CATALOGUE = ROOT / "locale" / "de" / "LC_MESSAGES" / "django.mo"
PLACEHOLDER = re.compile(r"%\(\w+\)s|(?<!%)\{\w+\}|%%")
MARKS = {"_", "gettext", "gettext_noop", "gettext_lazy", "ngettext"}
LONG_ENOUGH = 14
"""Shorter messages may be part of another German one."""


def catalogue() -> dict[str, list[str]]:
    """{message: its German forms}."""
    with CATALOGUE.open("rb") as file:
        found = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    forms: dict[str, list[str]] = {}
    for key, text in found.items():
        forms.setdefault(key[0] if isinstance(key, tuple) else key, []).append(text)
    return forms


def messages() -> set[str]:
    """Everything marked for translation in what participants see."""
    in_code = {found for path in (ROOT / "trials").glob("*.py") for found in in_python(path)}
    pages = [f"trials/{path.name}" for path in (ROOT / "trials" / "templates" / "trials").glob("*.html")]
    pages += [path.name for path in (ROOT / "templates").glob("*.html")]
    return in_code | {found for name in pages for found in in_template(get_template(name).template)}


def in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            yield from (each.value for each in node.args[:1] if isinstance(each, ast.Constant))


def in_template(template: Template) -> Iterator[str]:
    for node in template.nodelist.get_nodes_by_type(Node):
        if isinstance(node, TranslateNode):
            yield str(node.filter_expression.var.literal or node.filter_expression.var).replace("%", "%%")
        elif isinstance(node, BlockTranslateNode):
            yield node.render_token_list(node.singular)[0]


def test_no_message_of_participants_lacks_its_german() -> None:
    assert len(messages()) > 250
    assert sorted(messages() - set(catalogue())) == []


def marks(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def test_placeholders_are_the_same_in_german() -> None:
    wrong = [  # a singular may do without its number
        (message, form)
        for message, forms in catalogue().items()
        for form in forms
        if message and not message.startswith("One ") and marks(message) != marks(form)
    ]
    assert wrong == []


def test_the_stems_are_said_in_german() -> None:
    assert {label.removeprefix("the ") for label in SPOKEN_STEMS.values()} <= set(catalogue())


def test_the_compiled_catalogue_is_the_written_one() -> None:
    text = CATALOGUE.with_suffix(".po").read_text(encoding="utf-8")
    written = [ast.literal_eval(found) for found in re.findall(r'^msgstr(?:\[\d\])? (".+")$', text, re.MULTILINE)]
    compiled = [form for message, forms in catalogue().items() if message for form in forms]
    assert sorted(form for form in written if form) == sorted(compiled)


@pytest.mark.django_db
def test_a_whole_session_is_in_german() -> None:
    study = make_study(items=2, audio=False, language="de", design=two_trials())
    player = ScriptedParticipant(DjangoTransport(), rule=seeded_rule(3), load_audio=False)
    player.complete(study.public_id)
    pages = [each for each in player.session.exchanges if each.status == 200 and each.text.startswith("<!doctype")]
    pages += [player.transport.get(path) for path in ("/t/data/", "/t/phone/")]
    assert len(pages) > 6
    english = sorted(
        message for message, forms in catalogue().items() if len(message) > LONG_ENOUGH and message not in forms
    )
    for page in pages:
        assert '<html lang="de">' in page.text
        assert [message for message in english if f">{message}<" in page.text or f'"{message}"' in page.text] == []


def two_trials() -> dict[str, object]:
    return {"trials": [{"pair": ["differential", "baseline"], "count": 2}], "checks": [], "repeats": 0}
