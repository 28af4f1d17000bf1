"""THE FIELD TABLE: one row per fact a question can use.

Columns, SQL schema, lexicon, filters, passage text and docs/fields.md are derived from these rows; adding a
row is the whole extension. Snapshots add rows of their own for annotations, labels and fact columns nobody
declared (`discovered`), which are askable the same way.
"""

from catalog_store.model.fields.row import Field, FieldType, Polarity
from catalog_store.model.fields.table import CORE_FIELDS, FieldTable

__all__ = ["CORE_FIELDS", "Field", "FieldTable", "FieldType", "Polarity"]
