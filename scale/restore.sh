#!/bin/sh
# A server as it was at a time, from a backup of scale/backup.sh and the WAL since:
#     scale/restore.sh BACKUP ARCHIVE DIRECTORY '2026-11-28 12:00:00+00'
# BACKUP ended before that time. DIRECTORY becomes a data directory of its own: start PostgreSQL on it, as its user. It
# replays up to the time, and takes writes from there on in a timeline of its own; the one it comes from is left alone.
# Without a time it replays all there is. Before anybody is let in, see what was lost since, and check:
#     select * from ai.self_check() union all select * from billing.self_check();
set -eu
backup=$1
archive=$(cd "$2" && pwd)
to=$3
time=${4:-}
if [ -e "$to" ]; then
  echo "$to is there already" >&2
  exit 1
fi
cp -a "$backup" "$to"
chmod 700 "$to"
{
  echo "restore_command = 'cp $archive/%f %p'"
  echo "recovery_target_action = 'promote'"
  # The restored server must not write among the WAL that it comes from.
  echo "archive_mode = off"
  [ -z "$time" ] || echo "recovery_target_time = '$time'"
} >> "$to/postgresql.auto.conf"
touch "$to/recovery.signal"
echo "$to is ready to be started"
