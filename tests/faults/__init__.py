"""The wallet under load, and when servers, connections and clients fail."""

import pytest

pytest.register_assert_rewrite(f"{__name__}.wallet", f"{__name__}.load")
