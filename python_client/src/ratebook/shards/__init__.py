"""N Ratebooks behind a front of PL/Proxy: what makes the front, joins a shard, and moves owners between shards.

Needs `ratebook[local]`. The front's own tables say which owner is where (`scale/front.sql`).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ratebook.errors import RatebookError
from ratebook.modules import schema_dir

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

PARTITIONS = 256
# The partition of an owner, in SQL, where shards.partition_of() is not known.
PARTITION_OF = "get_byte(sha256(uuid_send({})), 0)"
# The class of the advisory locks of the front: who calls holds that of a partition shared, who moves it alone.
LOCK = 1918985579


def script(name: str) -> str:
    """A file of scale/: in the wheel, or the repository of a checkout."""
    path: Path = schema_dir() / "scale" / name
    if not path.is_file():
        raise RatebookError(f"This installation of ratebook carries no {name}: install it again.")
    return path.read_text()


def value(connection: "Connection", query: str, *arguments: Any) -> Any:
    """The one value of a query."""
    row = connection.execute(query, arguments).fetchone()
    return None if row is None else row[0]
