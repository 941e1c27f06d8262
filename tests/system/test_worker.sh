#!/usr/bin/env bash
# The worker program as ./run starts it, locked in: mail into the directory and over SMTP, its processes
# replaced when killed, jobs and tasks going on, the last one finished at SIGTERM.
. "$(dirname "$0")/lib.sh"

instance "$work/a" "$(free_ports)" || { report 1 "Shomei starts"; finish; }
var=$work/a
sql() { mariadb --no-defaults --socket="$var/run/db.sock" --user="$(id -un)" -N --default-character-set=utf8mb4 shomei -e "$1"; }
pid_of() { cat "$var/run/worker.started"; }
processes() { pgrep -P "$(pid_of)" | wc -l; }
eventually() { # eventually SECONDS COMMAND...
    local i n=$1; shift
    for ((i = 0; i < n * 10; i++)); do "$@" >/dev/null 2>&1 && return 0; sleep 0.1; done
    return 1
}
mail_to() { # mail_to ADDRESS: into the outbox; prints its number
    sql "INSERT INTO mail (tenant_id, recipient, template, lang, subject, text_part, token, created)
         VALUES (0, '$1', 'test', 'ja', '署名完了のお知らせ', '本文', '$(openssl rand -hex 12)', UTC_TIMESTAMP(6));
         SET @m = LAST_INSERT_ID();
         INSERT INTO job (kind, payload, due, created)
         VALUES ('mail.deliver', CONCAT('{\"mail\":', @m, '}'), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)); SELECT @m"
}
sent() { [ "$(sql "SELECT state FROM mail WHERE id = $1")" = sent ]; }
two() { [ "$(processes)" = 2 ]; }

is "two processes work" "$(processes)" 2
m=$(mail_to hanako@example.jp)
holds "a mail is delivered from inside the sandbox" eventually 8 sent "$m"
file=$(printf '%s/mail/%06d.eml' "$var" "$m")
like "as a file" "$(cat "$file")" '^To: <hanako@example.jp>'
is "with its subject" "$(python3 -c 'import email, email.policy, sys
print(email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)["Subject"])' "$file")" "署名完了のお知らせ"

kill -9 "$(pgrep -P "$(pid_of)" | head -n 1)"
holds "a killed process is replaced" eventually 8 two
old=$(pid_of); children=$(pgrep -P "$old")
kill -9 "$old"
replaced() { [ "$(pid_of)" != "$old" ] && two; }
holds "a killed supervisor is replaced" eventually 15 replaced
alone() { local c; for c in $children; do ! kill -0 "$c" 2>/dev/null || return 1; done; }
holds "its processes do not work on without it" eventually 10 alone
m=$(mail_to hanako@example.jp)
holds "work goes on" eventually 10 sent "$m"
is "and nothing is sent twice" "$(find "$var/mail" -name '*.eml' | wc -l)" "$(sql "SELECT COUNT(*) FROM mail WHERE state = 'sent'")"

if /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null; then
    mkdir "$work/smtp"
    /usr/bin/python3 -B "$top/tests/features/smtp_server.py" "$work/smtp" 2>/dev/null & smtp=$!
    eventually 10 test -s "$work/smtp/port"
    sed -i '/^mail.smtp_url/d' "$var/shomei.conf"
    echo "mail.smtp_url = smtp://localhost:$(cat "$work/smtp/port")" >>"$var/shomei.conf"
    old=$(pid_of); kill -TERM "$old"
    holds "stopped, it is started again with new settings" eventually 15 replaced
    m=$(mail_to taro@example.jp)
    holds "a mail goes out over SMTP from inside the sandbox" eventually 10 sent "$m"
    is "the server has it" "$(jq -r .to "$work/smtp/mails")" "taro@example.jp"
    kill "$smtp"; wait "$smtp" 2>/dev/null
else
    skip "python3-aiosmtpd is not installed"
fi
behind() { sql "SELECT COUNT(*) FROM task WHERE due < UTC_TIMESTAMP(6) - INTERVAL 10 SECOND"; }
is "no task is behind" "$(behind)" 0
sql "UPDATE task SET due = UTC_TIMESTAMP(6) - INTERVAL 2 DAY"
none_behind() { [ "$(behind)" = 0 ]; }
holds "after two days of downtime each catches up" eventually 20 none_behind
is "no task has failed" "$(sql "SELECT name FROM task WHERE last_error IS NOT NULL")" ""
is "nothing is dead" "$(sql "SELECT kind, last_error FROM job WHERE state = 'dead'")" ""
finish
