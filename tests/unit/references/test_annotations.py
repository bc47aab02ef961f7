"""The specification is true: its examples are run."""

from __future__ import annotations

import doctest

from lindi_explorer.references import annotations


def test_the_examples_of_the_specification():
    written = []
    parser = doctest.DocTestParser()
    test = parser.get_doctest(annotations.__doc__, {}, "specification", annotations.__file__, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    result = runner.run(test, out=written.append)
    assert result.failed == 0, "".join(written)
    assert result.attempted > 40


def test_every_reserved_name_and_every_member_is_specified_and_shown():
    text = annotations.__doc__
    for name in annotations.RESERVED:
        assert f"\n``{name}``\n" in text
        assert f'"{name}": ' in text, "in an example"
