#!/bin/sh
# A base backup, from which scale/restore.sh brings the server back as of any time after it:
#     scale/backup.sh DATABASE_URL DIRECTORY
# DATABASE_URL is a user with REPLICATION. The server archives its WAL, which is what the time after a backup is made of:
#     archive_mode = on
#     archive_command = 'test ! -f /archive/%f && cp %p /archive/%f.part && mv /archive/%f.part /archive/%f'
#     archive_timeout = 60        # what may be lost with the machine: a minute
# Take one each night, and keep the WAL since the oldest that you keep. pgBackRest does all this for large servers.
set -eu
url=$1
to=$2/$(date -u +%Y%m%dT%H%M%SZ)
pg_basebackup --dbname "$url" --pgdata "$to" --checkpoint=fast --wal-method=stream --manifest-checksums=sha256
pg_verifybackup --quiet "$to"
echo "$to"
