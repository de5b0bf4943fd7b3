"""Configuration files of PostgREST and of the nginx gateway before it."""

import grp
import json
import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ratebook.local.tokens import DEMO_JWT_SECRET

DEFAULT_SCHEMAS = ("public", "ai", "billing", "lensers", "content", "media", "compat")


@dataclass(frozen=True)
class Ports:
    """Loopback TCP ports of the stack."""

    gateway: int
    postgrest: int
    admin: int

    @property
    def url(self) -> str:
        """What `create_client(url, key)` takes."""
        return f"http://127.0.0.1:{self.gateway}"


def postgrest_config(dsn: str, ports: Ports, api: dict[str, Any]) -> str:
    """postgrest.conf; `api` is the [api] section of supabase/config.toml."""
    settings: dict[str, str | int] = {
        "db-uri": dsn,
        "db-schemas": ",".join(api.get("schemas", DEFAULT_SCHEMAS)),
        "db-extra-search-path": ",".join(api.get("extra_search_path", ("public", "extensions"))),
        "db-max-rows": int(api.get("max_rows", 1000)),
        "db-anon-role": "anon",
        "db-pool": 10,
        "jwt-secret": DEMO_JWT_SECRET,
        "server-host": "127.0.0.1",
        "server-port": ports.postgrest,
        "admin-server-port": ports.admin,
        "openapi-server-proxy-uri": f"{ports.url}/rest/v1",
        "log-level": "warn",
    }
    # The file's strings are JSON-like: quotes and backslashes are escaped alike.
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())


def gateway_config(folder: Path, ports: Ports) -> str:
    """nginx.conf: `/rest/v1/` goes to PostgREST, and an `apikey` header stands in for Authorization."""
    about = {
        "name": "Ratebook local stack",
        "rest": f"{ports.url}/rest/v1/",
        "note": "PostgREST behind /rest/v1; the keys are signed with a public demo secret",
    }
    nowhere = {"message": "Only /rest/v1/ is served here.", "code": "404"}
    down = {
        "message": "PostgREST does not answer.",
        "hint": "ratebook local logs postgrest",
        "code": "502",
    }
    temporary = "\n".join(
        f"  {kind}_temp_path {_quoted(folder / 'tmp' / kind)};" for kind in ("client_body", "proxy")
    )
    return f"""\
daemon off;
{_worker_user()}worker_processes 1;
pid {_quoted(folder / "nginx.pid")};
error_log stderr warn;
events {{ worker_connections 512; }}
http {{
  access_log off;
  default_type application/json;
  server_tokens off;
{temporary}
  client_max_body_size 64m;
  client_body_buffer_size 1m;
  large_client_header_buffers 8 64k;
  proxy_buffer_size 64k;
  proxy_buffers 16 64k;
  proxy_busy_buffers_size 128k;

  map $http_apikey $bearer_of_apikey {{
    ""      "";
    default "Bearer $http_apikey";
  }}
  map $http_authorization $authorization {{
    ""      $bearer_of_apikey;
    default $http_authorization;
  }}

  server {{
    listen 127.0.0.1:{ports.gateway};

    location = / {{
      add_header Access-Control-Allow-Origin * always;
      return 200 {_quoted(json.dumps(about))};
    }}
    location = /rest/v1 {{
      return 308 /rest/v1/$is_args$args;
    }}
    location /rest/v1/ {{
      proxy_pass http://127.0.0.1:{ports.postgrest}/;
      proxy_http_version 1.1;
      proxy_read_timeout 300s;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto http;
      proxy_set_header Authorization $authorization;
      error_page 502 504 = @down;
    }}
    location @down {{
      add_header Access-Control-Allow-Origin * always;
      return 502 {_quoted(json.dumps(down))};
    }}
    location / {{
      add_header Access-Control-Allow-Origin * always;
      return 404 {_quoted(json.dumps(nowhere))};
    }}
  }}
}}
"""


def _worker_user() -> str:
    """As root, nginx would look for a group that some systems lack."""
    if os.geteuid() != 0:
        return ""
    nobody = pwd.getpwnam("nobody")
    return f"user nobody {grp.getgrgid(nobody.pw_gid).gr_name};\n"


def _quoted(value: object) -> str:
    """A string in nginx's syntax. It has no escape for `$`, which paths therefore must not contain."""
    text = str(value)
    if "$" in text:
        raise ValueError(f"nginx cannot use the path {text}: it contains a dollar sign")
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
