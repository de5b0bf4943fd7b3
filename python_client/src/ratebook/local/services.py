"""Configuration files of PostgREST and of the nginx gateway before it."""

import grp
import json
import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ratebook import page
from ratebook.local.tokens import DEMO_JWT_SECRET

# What only admins or the service role may call, and what may be longer than 1 MB: catalogues, batches, prompts.
LARGE_CALLS = (
    "adopt",
    "backfill_generations",
    "capture_hold",
    "charge_generation",
    "charge_generations",
    "finish_generation",
    "import_catalogue",
)
_REFUSALS: dict[int, tuple[str, str | None]] = {
    400: ("The request is not HTTP, or its headers are too long.", None),
    404: ("Only /rest/v1/ and /app/ are served here.", None),
    413: (
        "The body is too large.",
        "A request may have 1 MB, and one of these functions 64 MB: "
        + ", ".join(LARGE_CALLS)
        + ".",
    ),
    414: ("The URL is too long.", "Call a function by POST, or ask for fewer rows at once."),
    502: ("PostgREST does not answer.", "ratebook local logs postgrest"),
    504: ("PostgREST did not answer in time.", "ratebook local logs postgrest"),
}

# What ai.pre_request() refuses is refused here as well, where repeated headers are seen.
# Header, pattern, error, message, hint.
_ESTIMATES: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "$http_prefer",
        r"count\s*=\s*.?(planned|estimated)",
        "estimated_count",
        "Counts are not estimated here: an estimate tells of rows that the caller may not see.",
        "Ask for count=exact.",
    ),
    (
        "$http_accept",
        r"vnd\.pgrst\.plan",
        "query_plan",
        "Plans are not shown here: a plan tells of rows that the caller may not see.",
        "Ask PostgreSQL for it, with EXPLAIN.",
    ),
)

DEFAULT_SCHEMAS = ("public", "ai", "billing", "lensers", "content", "media", "execution", "compat")


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


def postgrest_config(
    dsn: str, ports: Ports, api: dict[str, Any], pre_request: str | None = None
) -> str:
    """postgrest.conf; `api` is the [api] section of supabase/config.toml, `pre_request` a function."""
    settings: dict[str, str | int] = {
        "db-uri": dsn,
        "db-schemas": ",".join(api["schemas"]),
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
    if pre_request:
        settings["db-pre-request"] = pre_request
    # The file's strings are JSON-like: quotes and backslashes are escaped alike.
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())


def gateway_config(folder: Path, ports: Ports) -> str:
    """nginx.conf: `/rest/v1/` goes to PostgREST, and an `apikey` header stands in for Authorization.

    A page of this machine may ask, of another origin none. What the gateway itself refuses has PostgREST's form.
    `/app/` is the page, where `folder` holds a copy of it.
    """
    about = {
        "name": "Ratebook local stack",
        "rest": f"{ports.url}/rest/v1/",
        "page": f"{ports.url}/app/",
        "note": "PostgREST behind /rest/v1; the keys are signed with a public demo secret",
    }
    temporary = "\n".join(
        f"  {kind}_temp_path {_quoted(folder / 'tmp' / kind)};" for kind in ("client_body", "proxy")
    )
    large_calls = "\n".join(
        f"    location = /rest/v1/rpc/{name} {{\n      client_max_body_size 64m;\n"
        f"      proxy_pass http://127.0.0.1:{ports.postgrest}/rpc/{name};\n    }}"
        for name in LARGE_CALLS
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
  client_max_body_size 1m;
  client_body_buffer_size 1m;
  large_client_header_buffers 8 48k;  # PostgREST takes 50 kB, and says nothing beyond
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
  # An empty value adds no header.
  map $http_origin $allowed_origin {{
    "~^https?://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]+)?$" $http_origin;
    default "";
  }}
  map $allowed_origin $exposed_headers {{
    ""      "";
    default "Content-Location, Content-Profile, Content-Range, ETag, Location, Preference-Applied, Range-Unit";
  }}
  map "$request_method $http_access_control_request_method" $is_preflight {{
    "~^OPTIONS ." 1;
    default       0;
  }}
  map "$is_preflight $allowed_origin" $allowed_methods {{
    "~^1 ." "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS";
    default "";
  }}
  map "$is_preflight $allowed_origin" $allowed_headers {{
    "~^1 ." $http_access_control_request_headers;
    default "";
  }}
  map "$is_preflight $allowed_origin" $allowed_seconds {{
    "~^1 ." 3600;
    default "";
  }}

  # What does not say that it may be kept is not: errors, answers to POST, what owners read.
  map $upstream_http_cache_control $no_store {{
    ""      no-store;
    default "";
  }}
  # nginx answers 304 only where it might keep answers; this keeps none.
  proxy_cache_path {_quoted(folder / "tmp" / "cache")} keys_zone=answers:1m;
  proxy_cache_key none;
  proxy_cache_bypass 1;
  proxy_no_cache 1;
  proxy_cache_convert_head off;

  # A list of thousands of models is 2 MB, and compressed a twentieth. PostgREST 12 names no length, so what it
  # answers is compressed however short it is; 206 never is.
  gzip on;
  gzip_comp_level 6;
  gzip_vary on;
  gzip_types application/json application/vnd.pgrst.array+json application/vnd.pgrst.object+json
    application/openapi+json text/csv text/css text/javascript image/svg+xml;

  proxy_http_version 1.1;
  proxy_read_timeout 300s;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto http;
  proxy_set_header Authorization $authorization;
  # nginx joins repeated headers. PostgREST acts on all of them, but shows functions the last alone.
  proxy_set_header Prefer $http_prefer;
  proxy_set_header Accept $http_accept;
  # Where nginx might keep answers, it takes this away.
  proxy_set_header Range $http_range;
  proxy_hide_header Access-Control-Allow-Origin;
  proxy_hide_header Access-Control-Allow-Credentials;
  proxy_hide_header Access-Control-Expose-Headers;

  server {{
    listen 127.0.0.1:{ports.gateway};

    add_header Access-Control-Allow-Origin $allowed_origin always;
    add_header Access-Control-Allow-Methods $allowed_methods always;
    add_header Access-Control-Allow-Headers $allowed_headers always;
    add_header Access-Control-Max-Age $allowed_seconds always;
    add_header Access-Control-Expose-Headers $exposed_headers always;
    add_header Vary Origin always;
    add_header Cache-Control $no_store always;

    if ($is_preflight) {{
      return 204;
    }}
{_no_estimates()}

    location = / {{
      return 200 {_quoted(json.dumps(about))};
    }}
    location = /rest/v1 {{
      return 308 /rest/v1/$is_args$args;
    }}
    location /rest/v1/ {{
      proxy_cache answers;
      proxy_pass http://127.0.0.1:{ports.postgrest}/;
    }}
{large_calls}
{_page(folder)}
    location / {{
      return 404;
    }}

{_refusals()}
  }}
}}
"""


def _page(folder: Path) -> str:
    """The page's files, under a policy that lets it talk to this gateway alone.

    Here are no headers for other origins: none has a use for the files.
    """
    if not (folder / "app/index.html").is_file():
        body = {"code": "404", "details": None, "hint": None, "message": page.NOT_BUILT}
        # Not through error_page, which would put its own sentence there.
        refusal = f"return 404 {_quoted(json.dumps(body))};"
        return f"    location = /app {{ {refusal} }}\n    location /app/ {{ {refusal} }}"
    sent = "".join(
        f"      add_header {name} {_quoted(value)} always;\n"
        for name, value in page.headers("/").items()
    )
    files = f"""\
      types {{
        text/html html;
        text/css css;
        text/javascript js;
        application/json json map;
        image/svg+xml svg;
        image/png png;
        font/woff2 woff2;
        text/plain txt;
      }}
      charset utf-8;
{sent}"""
    return f"""\
    location = /app {{
      return 308 /app/$is_args$args;
    }}
    location /app/ {{
      alias {_quoted(f"{folder}/app/")};
      index index.html;
{files}\
      add_header Cache-Control {_quoted(page.ASKED_FOR)} always;
    }}
    location /app/assets/ {{
      alias {_quoted(f"{folder}/app/assets/")};
{files}\
      add_header Cache-Control {_quoted(page.KEPT)};
    }}"""


def _refusals() -> str:
    """What the gateway itself answers, in the form of PostgREST's errors."""
    lines = []
    for status, (message, hint) in _REFUSALS.items():
        body = {"code": str(status), "details": None, "hint": hint, "message": message}
        # 494 is nginx's own, for long headers. No named location: a request without a URI does not reach one.
        also = " 494" if status == 400 else ""
        lines.append(f"    error_page {status}{also} = /refusals/{status};")
        answer = f"internal; return {status} {_quoted(json.dumps(body))};"
        lines.append(f"    location = /refusals/{status} {{ {answer} }}")
    return "\n".join(lines)


def _no_estimates() -> str:
    """Refuses what tells of rows that the caller may not see, in the words of ai.pre_request()."""
    lines = []
    for header, pattern, error, message, hint in _ESTIMATES:
        details = json.dumps({"error": error})
        body = {"code": "PT400", "details": details, "hint": hint, "message": message}
        refusal = f"return 400 {_quoted(json.dumps(body))};"
        lines.append(f"    if ({header} ~* {_quoted(pattern)}) {{ {refusal} }}")
    return "\n".join(lines)


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
