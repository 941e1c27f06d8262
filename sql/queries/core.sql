-- Statements of the foundation: jobs, periodic tasks, outbox, counters, heart-beats.

-- name: job_add
-- does: order a job
-- role: portal signapi acme repository worker ctl signer
-- in: kind text(64), payload text(65535), due time, now time
-- out: id job_id
-- audit: exempt the order is part of an audited action, its effect is audited by its handler
INSERT INTO job (kind, payload, due, created) VALUES (:kind, :payload, :due, :now)

-- name: job_next
-- does: the jobs of one program that may be claimed: ready and due, oldest first
-- role: worker ctl signer
-- in: queue text(16), now time, limit u32
-- rows: id job_id, kind text(64)
SELECT id, kind FROM job WHERE queue = :queue AND state = 'ready' AND due <= :now
 ORDER BY due, id LIMIT :limit

-- name: job_expired
-- does: the jobs of one program whose lease has run out: their worker died
-- role: worker ctl signer
-- in: queue text(16), now time, limit u32
-- rows: id job_id, kind text(64)
SELECT id, kind FROM job WHERE queue = :queue AND state = 'running' AND claimed_until < :now
 ORDER BY claimed_until, id LIMIT :limit

-- name: job_claim
-- does: take a ready job, or one whose lease has run out; 0 changed: somebody else was first
-- role: worker ctl signer
-- in: id job_id, owner text(128), until time, now time
-- out: changed
-- audit: exempt queue state
UPDATE job SET state = 'running', claimed_by = :owner, claimed_until = :until, attempts = attempts + 1
 WHERE id = :id
   AND ((state = 'ready' AND due <= :now) OR (state = 'running' AND claimed_until < :now))

-- name: job_claim_more
-- does: take more ready jobs of one kind that nobody has tried yet
-- role: worker ctl signer
-- in: queue text(16), kind text(64), owner text(128), until time, now time, limit u32
-- out: changed
-- audit: exempt queue state
UPDATE job SET state = 'running', claimed_by = :owner, claimed_until = :until, attempts = attempts + 1
 WHERE queue = :queue AND kind = :kind AND state = 'ready' AND attempts = 0 AND due <= :now
 ORDER BY due, id LIMIT :limit

-- name: job_claimed
-- does: what was taken by one claim of several
-- role: worker ctl signer
-- in: kind text(64), owner text(128), until time, limit u32
-- rows: id job_id, payload text(65535), attempts u32
SELECT id, payload, attempts FROM job
 WHERE state = 'running' AND claimed_until = :until AND claimed_by = :owner AND kind = :kind
 ORDER BY id LIMIT :limit

-- name: job_get
-- does: a claimed job's contents
-- role: worker ctl signer
-- in: id job_id
-- row: kind text(64), payload text(65535), attempts u32
SELECT kind, payload, attempts FROM job WHERE id = :id

-- name: job_renew
-- does: prolong a lease
-- role: worker ctl signer
-- in: id job_id, owner text(128), until time
-- out: changed
-- audit: exempt queue state
UPDATE job SET claimed_until = :until WHERE id = :id AND state = 'running' AND claimed_by = :owner

-- name: job_done
-- does: finish a job; 0 changed: the lease was lost
-- role: worker ctl signer
-- in: id job_id, owner text(128), now time
-- out: changed
-- audit: exempt queue state
UPDATE job SET state = 'done', ended = :now, claimed_by = NULL, claimed_until = NULL
 WHERE id = :id AND state = 'running' AND claimed_by = :owner

-- name: job_retry
-- does: give a failed job back for a later attempt
-- role: worker ctl signer
-- in: id job_id, owner text(128), due time, error text(512)
-- out: changed
-- audit: exempt queue state
UPDATE job SET state = 'ready', due = :due, last_error = :error, claimed_by = NULL,
       claimed_until = NULL
 WHERE id = :id AND state = 'running' AND claimed_by = :owner

-- name: job_die
-- does: put a failed job on the dead-letter list
-- role: worker ctl signer
-- in: id job_id, owner text(128), now time, error text(512)
-- out: changed
-- audit: exempt queue state
UPDATE job SET state = 'dead', ended = :now, last_error = :error, claimed_by = NULL,
       claimed_until = NULL
 WHERE id = :id AND state = 'running' AND claimed_by = :owner

-- name: job_dead_list
-- does: the dead-letter list
-- role: portal worker ctl
-- in: after job_id, limit u32
-- rows: id job_id, kind text(64), error text(512), attempts u32, created time, failed time
SELECT id, kind, COALESCE(last_error, ''), attempts, created, COALESCE(ended, created)
  FROM job WHERE state = 'dead' AND id > :after ORDER BY id LIMIT :limit

-- name: job_requeue
-- does: give a dead job another life
-- role: portal ctl
-- in: id job_id, now time
-- out: changed
UPDATE job SET state = 'ready', due = :now, attempts = 0, ended = NULL
 WHERE id = :id AND state = 'dead'

-- name: job_discard
-- does: give up on a dead job
-- role: portal ctl
-- in: id job_id
-- out: changed
UPDATE job SET state = 'done' WHERE id = :id AND state = 'dead'

-- name: job_purge
-- does: forget jobs that were done long ago
-- role: worker ctl
-- in: before time
-- out: changed
-- audit: exempt queue state
DELETE FROM job WHERE state = 'done' AND ended < :before LIMIT 1000

-- name: job_counts
-- does: how many jobs are in which state, and since when the oldest waits
-- role: portal signapi repository worker ctl
-- in: now time
-- row: ready u64, running u64, dead u64, oldest_due time?
SELECT COUNT(CASE WHEN state = 'ready' THEN 1 END), COUNT(CASE WHEN state = 'running' THEN 1 END),
       COUNT(CASE WHEN state = 'dead' THEN 1 END),
       MIN(CASE WHEN state = 'ready' AND due <= :now THEN due END)
  FROM job WHERE state IN ('ready', 'running', 'dead')

-- name: task_add
-- does: make a periodic task known
-- role: worker ctl signer
-- in: task text(64), due time
-- audit: exempt scheduling state
INSERT INTO task (name, due) VALUES (:task, :due) ON DUPLICATE KEY UPDATE name = name

-- name: task_next
-- does: when each known task is due
-- role: worker ctl signer
-- in: limit u32
-- rows: name text(64), due time, claimed_until time?
SELECT name, due, claimed_until FROM task ORDER BY due LIMIT :limit

-- name: task_claim
-- does: take a task that is due; 0 changed: somebody else was first
-- role: worker ctl signer
-- in: task text(64), owner text(128), until time, now time
-- out: changed
-- audit: exempt scheduling state
UPDATE task SET claimed_by = :owner, claimed_until = :until
 WHERE name = :task AND due <= :now AND (claimed_until IS NULL OR claimed_until < :now)

-- name: task_renew
-- does: prolong the lease of a long task
-- role: worker ctl signer
-- in: task text(64), owner text(128), until time
-- out: changed
-- audit: exempt scheduling state
UPDATE task SET claimed_until = :until WHERE name = :task AND claimed_by = :owner

-- name: task_done
-- does: a task has run; 0 changed: the lease was lost
-- role: worker ctl signer
-- in: task text(64), owner text(128), due time, now time
-- out: changed
-- audit: exempt scheduling state
UPDATE task SET due = :due, last_ok = :now, last_error = NULL, claimed_by = NULL, claimed_until = NULL
 WHERE name = :task AND claimed_by = :owner

-- name: task_failed
-- does: a task has failed and is tried again at its new due time
-- role: worker ctl signer
-- in: task text(64), owner text(128), due time, error text(512)
-- out: changed
-- audit: exempt scheduling state
UPDATE task SET due = :due, last_error = :error, claimed_by = NULL, claimed_until = NULL
 WHERE name = :task AND claimed_by = :owner

-- name: mail_add
-- does: put a mail into the outbox
-- role: portal acme worker ctl signer
-- in: tenant tenant_id, recipient text(254), template text(64), lang text(2), subject text(200),
--     body text(1000000), html text(1000000)?, token text(32), now time
-- out: id mail_id
-- audit: exempt part of an audited action
INSERT INTO mail (tenant_id, recipient, template, lang, subject, text_part, html_part, token, created)
VALUES (:tenant, :recipient, :template, :lang, :subject, :body, :html, :token, :now)

-- name: mail_get
-- does: a mail for its delivery
-- role: worker
-- in: id mail_id
-- row: tenant tenant_id, recipient text(254), template text(64), lang text(2), subject text(200),
--      body text(1000000)?, html text(1000000)?, token text(32), state text(8), created time
SELECT tenant_id, recipient, template, lang, subject, text_part, html_part, token, state, created
  FROM mail WHERE id = :id

-- name: mail_mark_sent
-- does: note that a mail was sent and erase its bodies
-- role: worker
-- in: id mail_id, now time
-- out: changed
-- audit: exempt delivery state
UPDATE mail SET state = 'sent', sent_at = :now, attempts = attempts + 1, text_part = NULL,
       html_part = NULL, last_error = NULL
 WHERE id = :id AND state IN ('queued', 'failed')

-- name: mail_mark_failed
-- does: note a failed attempt
-- role: worker
-- in: id mail_id, dead bool, error text(512)
-- out: changed
-- audit: exempt delivery state
UPDATE mail SET state = CASE WHEN :dead THEN 'failed' ELSE 'queued' END, attempts = attempts + 1,
       last_error = :error
 WHERE id = :id AND state IN ('queued', 'failed')

-- name: mail_list_failed
-- does: mails that could not be delivered, for staff
-- role: portal worker ctl
-- in: after mail_id, limit u32
-- rows: id mail_id, tenant tenant_id, template text(64), attempts u32, error text(512), created time
-- tenant: all a list for the provider's own staff
SELECT id, tenant_id, template, attempts, COALESCE(last_error, ''), created
  FROM mail WHERE state = 'failed' AND id > :after ORDER BY id LIMIT :limit

-- name: rate_limit_hit
-- does: count hits in their window
-- role: portal signapi acme repository worker ctl signer
-- in: key bytes32, start time, until time, hits u32
-- audit: exempt a counter
INSERT INTO rate_limit (key_hash, window_start, window_end, hits) VALUES (:key, :start, :until, :hits)
    ON DUPLICATE KEY UPDATE hits = hits + :hits

-- name: rate_limit_count
-- does: the hits so far of a window and of the one before it
-- role: portal signapi acme repository worker ctl signer
-- in: key bytes32, start time, before time
-- row: current u64, previous u64
SELECT CAST(COALESCE(SUM(CASE WHEN window_start = :start THEN hits END), 0) AS UNSIGNED),
       CAST(COALESCE(SUM(CASE WHEN window_start = :before THEN hits END), 0) AS UNSIGNED)
  FROM rate_limit WHERE key_hash = :key AND window_start IN (:start, :before)

-- name: rate_limit_purge
-- does: forget windows that are over
-- role: worker ctl
-- in: now time
-- out: changed
-- audit: exempt a counter
DELETE FROM rate_limit WHERE window_end < :now LIMIT 1000

-- name: heartbeat_set
-- does: this process is alive
-- role: portal signapi acme repository worker gateway ctl signer
-- in: program text(16), instance text(128), now time
-- audit: exempt a sign of life
INSERT INTO heartbeat (program, instance, beat_at) VALUES (:program, :instance, :now)
    ON DUPLICATE KEY UPDATE beat_at = :now

-- name: heartbeat_last
-- does: when any instance of a program was last alive
-- role: portal signapi acme repository worker gateway ctl signer
-- in: program text(16)
-- row: beat_at time
SELECT beat_at FROM heartbeat WHERE program = :program ORDER BY beat_at DESC LIMIT 1

-- name: heartbeat_purge_old
-- does: forget instances that are gone
-- role: worker ctl
-- in: before time
-- out: changed
-- audit: exempt a sign of life
DELETE FROM heartbeat WHERE beat_at < :before

-- name: setting_get
-- does: a shared fact about the installation
-- role: portal signapi acme repository worker gateway ctl signer
-- in: name text(64)
-- row: value text(2000)
SELECT value FROM setting WHERE name = :name

-- name: setting_set
-- does: change a shared fact about the installation
-- role: worker ctl
-- in: name text(64), value text(2000), now time
INSERT INTO setting (name, value, changed_at) VALUES (:name, :value, :now)
    ON DUPLICATE KEY UPDATE value = :value, changed_at = :now
