"""Modules as one file: the forms that are read, the order, and what is refused."""

from __future__ import annotations

import pytest

from hookline_collector.api.module_bundles import bundle, in_order

MODULES = {
    "app/main.js": 'import { go as leave, Table } from "../parts/table.js";\nleave(Table);\n',
    "parts/table.js": 'import {\n  h,\n} from "../vendor/lib.js";\nexport const go = h;\nexport class Table {}\n',
    "vendor/lib.js": "function n(){}export{n as h};\n",
    "pages/one.js": 'import { h } from "../vendor/lib.js";\nexport default function Page() {}\nexport async function more() {}\n',
}


def test_what_is_imported_runs_first_and_once() -> None:
    """Under the names that each module gives it."""
    made = bundle("app/main.js", MODULES)
    assert in_order("app/main.js", MODULES) == ["vendor/lib.js", "parts/table.js", "app/main.js"]
    assert 'const { go: leave, Table } = hooklineModules["parts/table.js"];' in made
    assert "return { go: go, Table: Table };" in made
    assert "return { h: n };" in made
    assert "export" not in made
    assert "import" not in made


def test_a_page_has_what_did_not_run_before_and_is_exported() -> None:
    """What another file brings is fetched with it."""
    made = bundle("pages/one.js", MODULES, ran=["vendor/lib.js"])
    assert "function n" not in made
    assert made.endswith('export default hooklineModules["pages/one.js"].default;\n')
    assert "return { default: Page, more: more };" in made
    assert bundle("app/main.js", MODULES, others=["parts/table.js", "pages/one.js"]).startswith('import "../parts/table.js";\n')


@pytest.mark.parametrize("strange", ['import all from "./other.js";', "export let moving = 1;", 'import "./effect.js";'])
def test_a_form_that_is_not_read_is_refused(strange: str) -> None:
    """It would fail in the browser alone."""
    with pytest.raises(ValueError, match="in a way that is not known here"):
        bundle("app/odd.js", {"app/odd.js": strange})


def test_a_circle_is_refused() -> None:
    """None of its modules could run first."""
    circle = {"app/a.js": 'import { b } from "./b.js";', "app/b.js": 'import { a } from "./a.js";'}
    with pytest.raises(ValueError, match="imports itself"):
        in_order("app/a.js", circle)
