"""The tables as they are now, for queries. Their history is in `migrations.py`; a test keeps the two equal."""

from sqlalchemy import BigInteger, Column, Double, MetaData, Table, Text

metadata = MetaData()
postgresql_metadata = MetaData()
"""What only PostgreSQL has."""

items = Table(
    "items",
    metadata,
    Column("item_id", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("brand", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("price", Double),
    Column("currency", Text, nullable=False),
    Column("stock", BigInteger),
    Column("rating", Double),
    Column("rating_count", BigInteger),
    Column("url", Text, nullable=False),
    Column("image_url", Text, nullable=False),
    Column("gtin", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("released_at", BigInteger),
    Column("attributes", Text, nullable=False),
    Column("translations", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)
"""`category`, `attributes` and `translations` hold JSON; `released_at` is in microseconds since 1970, UTC."""

deleted_items = Table(
    "deleted_items",
    metadata,
    Column("item_id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
)
"""Which items are gone, and since which version of the catalogue."""

catalogue = Table("catalogue", metadata, Column("version", BigInteger, nullable=False))
"""One row: the version, which grows with every change of items."""

events = Table(
    "events",
    metadata,
    Column("event_no", BigInteger, primary_key=True),
    Column("event_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("timestamp", BigInteger, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("query_id", Text, nullable=False),
    Column("rank", BigInteger),
    Column("value", Double),
    Column("surface", Text, nullable=False),
)
"""`event_no` is the order of arrival; `timestamp` is in microseconds since 1970, UTC."""

event_ids = Table(
    "event_ids",
    postgresql_metadata,
    Column("event_id", Text, primary_key=True),
    Column("timestamp", BigInteger, nullable=False),
)
"""The ids of all events: those of PostgreSQL lie in partitions by month, which only know their own."""

judgments = Table(
    "judgments",
    metadata,
    Column("judgment_id", Text, primary_key=True),
    Column("query", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("grade", BigInteger, nullable=False),
)
"""`judgment_id` is a digest of query and item: a query may be longer than an index entry."""

migrations = Table(
    "aisle_migrations",
    metadata,
    Column("name", Text, primary_key=True),
    Column("applied_at", Text, nullable=False),
)
