"""The specification is true: its examples are run."""

from __future__ import annotations

import doctest
import re

from lindi_explorer.references import annotations, checks


def test_the_examples_of_the_specification():
    written = []
    parser = doctest.DocTestParser()
    test = parser.get_doctest(annotations.__doc__, {}, "specification", annotations.__file__, 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    result = runner.run(test, out=written.append)
    assert result.failed == 0, "".join(written)
    assert result.attempted > 40


def test_every_reserved_name_is_specified_and_shown():
    for name in annotations.RESERVED:
        assert f"\n``{name}``\n" in annotations.__doc__
        assert f'"{name}": ' in annotations.__doc__, "in an example"


def test_every_member_of_the_side_car_is_specified_and_shown():
    section = annotations.__doc__.partition("The side-car\n")[2]
    specified = re.findall(r"^``(\w+)``$", section, re.MULTILINE)
    assert set(specified) == {*checks._Sidecar.__struct_fields__, "fill"}
    for name in specified:
        assert f'"{name}": ' in annotations.__doc__, "in an example"
