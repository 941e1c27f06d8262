-- accounts_roster.sql - removing people, and files of people.

-- name: account_reopen
-- does: somebody who was removed is invited again: no password, no second factor
-- role: portal worker
-- in: tenant tenant_id, account account_id, now time
-- out: changed
UPDATE account SET state = 'invited', state_reason = '', state_at = :now, failed = 0, warned_at = NULL,
    password_hash = NULL, password_at = NULL
WHERE id = :account AND tenant_id = :tenant AND state = 'closed'

-- name: account_certificates
-- does: certificates of a person that are valid now
-- role: portal
-- in: tenant tenant_id, account account_id, now time, limit u32
-- rows: id certificate_id, subject text(1000), state text(10), until time?
SELECT id, subject_text, state, not_after FROM certificate
WHERE tenant_id = :tenant AND account_id = :account AND state IN ('issued', 'suspended')
  AND not_after >= :now ORDER BY id DESC LIMIT :limit

-- name: roster_person
-- does: who has this login name; of another tenant it is only said that somebody has
-- role: portal worker
-- tenant: all a login name is unique in the installation
-- in: tenant tenant_id, login text(254)
-- row: id account_id, mine bool, state text(10), email text(254)
SELECT id, COALESCE(tenant_id = :tenant, 0) AS mine, state, email FROM account WHERE login = :login

-- name: roster_address
-- does: who of the tenant has this mail address
-- role: portal worker
-- in: tenant tenant_id, email text(254)
-- row: id account_id
SELECT id FROM account WHERE tenant_id = :tenant AND email = :email

-- name: roster_add
-- does: keep an uploaded file of people
-- role: portal
-- in: tenant tenant_id, account account_id, filename text(255), digest bytes32, row_count u32, bad u32, now time
-- out: id roster_id
INSERT INTO roster (tenant_id, account_id, filename, digest, row_count, bad_count, created_at)
VALUES (:tenant, :account, :filename, :digest, :row_count, :bad, :now)

-- name: roster_row_add
-- does: one row of it, judged
-- role: portal
-- in: roster roster_id, number u32, tenant tenant_id, line u32, operation text(8), login text(254), name text(120), email text(254), roles u32, lang text(2), problem text(32)
INSERT INTO roster_row (roster_id, number, tenant_id, line, operation, login, name, email, roles, lang, problem)
VALUES (:roster, :number, :tenant, :line, :operation, :login, :name, :email, :roles, :lang, :problem)

-- name: roster_get
-- does: a file of people
-- role: portal worker
-- in: tenant tenant_id, roster roster_id
-- row: account account_id, filename text(255), digest bytes32, state text(8), row_count u32, bad u32, created_at time, started_at time?, ended_at time?
SELECT account_id, filename, digest, state, row_count, bad_count, created_at, started_at, ended_at
FROM roster WHERE tenant_id = :tenant AND id = :roster

-- name: roster_ran
-- does: the run of the same file, when there was one
-- role: portal
-- in: tenant tenant_id, digest bytes32
-- row: id roster_id
SELECT id FROM roster WHERE tenant_id = :tenant AND ran_digest = :digest

-- name: roster_list
-- does: files of a tenant, the last first
-- role: portal
-- in: tenant tenant_id, limit u32
-- rows: id roster_id, filename text(255), state text(8), row_count u32, bad u32, created_at time, by text(120)
SELECT r.id, r.filename, r.state, r.row_count, r.bad_count, r.created_at, a.name
FROM roster r JOIN account a ON a.id = r.account_id
WHERE r.tenant_id = :tenant ORDER BY r.id DESC LIMIT :limit

-- name: roster_counts
-- does: what became of a file's rows
-- role: portal worker
-- in: tenant tenant_id, roster roster_id
-- row: open u64, done u64, already u64, failed u64
SELECT COUNT(CASE WHEN outcome = '' THEN 1 END), COUNT(CASE WHEN outcome = 'done' THEN 1 END),
    COUNT(CASE WHEN outcome = 'already' THEN 1 END), COUNT(CASE WHEN outcome = 'failed' THEN 1 END)
FROM roster_row WHERE tenant_id = :tenant AND roster_id = :roster

-- name: roster_rows
-- does: a file's rows: those with something wrong first
-- role: portal
-- in: tenant tenant_id, roster roster_id, limit u32, offset u32
-- rows: line u32, operation text(8), login text(254), name text(120), email text(254), roles u32, problem text(32), outcome text(8), reason text(64), account account_id?
SELECT line, operation, login, name, email, roles, problem, outcome, reason, account_id
FROM roster_row WHERE tenant_id = :tenant AND roster_id = :roster
ORDER BY problem <> '' DESC, outcome = 'failed' DESC, number LIMIT :limit OFFSET :offset

-- name: roster_next
-- does: rows that were not done yet, in order
-- role: portal worker
-- in: tenant tenant_id, roster roster_id, limit u32
-- rows: number u32, operation text(8), login text(254), name text(120), email text(254), roles u32, lang text(2)
SELECT number, operation, login, name, email, roles, lang FROM roster_row
WHERE tenant_id = :tenant AND roster_id = :roster AND outcome = '' ORDER BY number LIMIT :limit FOR UPDATE

-- name: roster_row_done
-- does: what became of a row
-- role: portal worker
-- in: tenant tenant_id, roster roster_id, number u32, outcome text(8), reason text(64), account account_id?
-- out: changed
UPDATE roster_row SET outcome = :outcome, reason = :reason, account_id = :account
WHERE tenant_id = :tenant AND roster_id = :roster AND number = :number AND outcome = ''

-- name: roster_start
-- does: start a file that was looked at; the schema refuses one with faulty rows, and the same file twice
-- role: portal
-- in: tenant tenant_id, roster roster_id, now time
-- out: changed
UPDATE roster SET state = 'running', started_at = :now, ran_digest = digest
WHERE tenant_id = :tenant AND id = :roster AND state = 'preview'

-- name: roster_again
-- does: run the rows that failed once more
-- role: portal
-- in: tenant tenant_id, roster roster_id
-- out: changed
UPDATE roster SET state = 'running', ended_at = NULL
WHERE tenant_id = :tenant AND id = :roster AND state = 'done'

-- name: roster_rows_again
-- does: forget how rows failed
-- role: portal
-- in: tenant tenant_id, roster roster_id
-- out: changed
UPDATE roster_row SET outcome = '', reason = ''
WHERE tenant_id = :tenant AND roster_id = :roster AND outcome = 'failed'

-- name: roster_rows_stop
-- does: what is not done yet is not done: who uploaded the file may not any more
-- role: worker
-- in: tenant tenant_id, roster roster_id
-- out: changed
UPDATE roster_row SET outcome = 'failed', reason = 'stopped'
WHERE tenant_id = :tenant AND roster_id = :roster AND outcome = ''

-- name: roster_end
-- does: all rows are done
-- role: portal worker
-- in: tenant tenant_id, roster roster_id, now time
-- out: changed
UPDATE roster SET state = 'done', ended_at = :now
WHERE tenant_id = :tenant AND id = :roster AND state = 'running'

-- name: roster_drop
-- does: forget a file that was never started
-- role: portal
-- in: tenant tenant_id, roster roster_id
-- out: changed
DELETE FROM roster WHERE tenant_id = :tenant AND id = :roster AND state = 'preview'

-- name: roster_purge
-- does: forget files that were never started, and those that are long done
-- role: worker
-- in: preview_before time, done_before time
-- out: changed
DELETE FROM roster WHERE (state = 'preview' AND created_at < :preview_before)
    OR (state = 'done' AND ended_at < :done_before) LIMIT 100
