"""Plan → one DuckDB statement, through a sqlglot tree. The only package that writes query SQL.

`Compiler` is the entry. `sets` compiles what a set holds, `aggregates` and `measures` sum it up, `derived` holds the SQL
of computed fields, `paths` follows chains, `places` ranks, `reviews` counts what fails a check, `terms` makes the literals. Values
travel as literals of the tree, never as text.
"""

from search.sql.compiler import PLACE, Compiled, Compiler
from search.sql.places import LEVEL, STANDING
from search.sql.terms import as_select

__all__ = ["LEVEL", "PLACE", "STANDING", "Compiled", "Compiler", "as_select"]
