-- Statements of renewals: files at ES-A that their owners keep elsewhere.

-- name: renewal_put
-- does: remember a file that reached ES-A, or that it did so again
-- role: portal signapi signer
-- in: public_id text(32), tenant tenant_id, account account_id, digest bytes32, note text(120)?, archived_at time, tsa_end time, remind_at time?
-- out: changed
-- audit: exempt the signature of the same transaction has its audit row
INSERT INTO renewal (public_id, tenant_id, account_id, digest, note, archived_at, tsa_end, remind_at)
VALUES (:public_id, :tenant, :account, :digest, :note, :archived_at, :tsa_end, :remind_at)
ON DUPLICATE KEY UPDATE archived_at = :archived_at, tsa_end = :tsa_end, remind_at = :remind_at

-- name: renewal_by_digest
-- does: find what is remembered of a file as it was before
-- role: portal signapi signer
-- in: tenant tenant_id, account account_id, digest bytes32
-- row: id renewal_id, note text(120)?, remind_at time?
SELECT id, note, remind_at FROM renewal
WHERE tenant_id = :tenant AND account_id = :account AND digest = :digest

-- name: renewal_drop
-- does: forget a file
-- role: portal signapi signer
-- in: tenant tenant_id, account account_id, renewal renewal_id
-- out: changed
-- audit: exempt a reminder of the person's own; no evidence hangs on it
DELETE FROM renewal WHERE tenant_id = :tenant AND account_id = :account AND id = :renewal

-- name: renewal_of
-- does: find one by its public id, as its owner
-- role: portal
-- in: tenant tenant_id, account account_id, public_id text(64)
-- row: id renewal_id, public_id text(32), digest bytes32, note text(120)?, archived_at time, tsa_end time, remind_at time?
SELECT id, public_id, digest, note, archived_at, tsa_end, remind_at FROM renewal
WHERE tenant_id = :tenant AND account_id = :account AND public_id = :public_id

-- name: renewal_list
-- does: list a person's files, those that end first before the others
-- role: portal
-- in: tenant tenant_id, account account_id, skip u32, most u32
-- rows: id renewal_id, public_id text(32), digest bytes32, note text(120)?, archived_at time, tsa_end time, remind_at time?
SELECT id, public_id, digest, note, archived_at, tsa_end, remind_at FROM renewal
WHERE tenant_id = :tenant AND account_id = :account ORDER BY tsa_end, id LIMIT :skip, :most

-- name: renewal_count
-- does: count them
-- role: portal
-- in: tenant tenant_id, account account_id
-- row: n u64
SELECT COUNT(*) FROM renewal WHERE tenant_id = :tenant AND account_id = :account

-- name: renewal_set
-- does: change the note and whether there is a reminder
-- role: portal
-- in: tenant tenant_id, account account_id, renewal renewal_id, note text(120)?, remind_at time?
-- out: changed
-- audit: exempt a reminder of the person's own; no evidence hangs on it
UPDATE renewal SET note = :note, remind_at = :remind_at
WHERE tenant_id = :tenant AND account_id = :account AND id = :renewal

-- name: renewal_choice_get
-- does: whether a person wants reminders at all; no row: yes
-- role: portal signapi signer
-- in: tenant tenant_id, account account_id
-- row: reminders bool
SELECT reminders FROM renewal_choice WHERE tenant_id = :tenant AND account_id = :account

-- name: renewal_choice_set
-- does: keep that choice
-- role: portal
-- in: tenant tenant_id, account account_id, reminders bool, now time
-- out: changed
-- audit: exempt a choice about own reminders
INSERT INTO renewal_choice (account_id, tenant_id, reminders, chosen_at)
VALUES (:account, :tenant, :reminders, :now)
ON DUPLICATE KEY UPDATE reminders = :reminders, chosen_at = :now

-- name: renewal_silence
-- does: take back all reminders of a person
-- role: portal
-- in: tenant tenant_id, account account_id
-- out: changed
-- audit: exempt a choice about own reminders
UPDATE renewal SET remind_at = NULL WHERE tenant_id = :tenant AND account_id = :account

-- name: renewal_due
-- does: list what is to be reminded of
-- role: worker
-- in: now time, most u32
-- rows: id renewal_id, public_id text(32), tenant_id tenant_id, account_id account_id, archived_at time, tsa_end time, remind_at time
SELECT id, public_id, tenant_id, account_id, archived_at, tsa_end, COALESCE(remind_at, tsa_end) FROM renewal
WHERE remind_at <= :now ORDER BY remind_at LIMIT :most

-- name: renewal_reminded
-- does: set the next reminder, once
-- role: worker
-- in: renewal renewal_id, remind_at time, next_at time?
-- out: changed
-- audit: exempt the mail is queued in the same transaction
UPDATE renewal SET remind_at = :next_at, reminded = reminded + 1
WHERE id = :renewal AND remind_at = :remind_at

-- name: renewal_purge
-- does: forget files whose archive ended long ago
-- role: worker
-- in: before time, most u32
-- out: changed
-- audit: exempt a reminder of the person's own; no evidence hangs on it
DELETE FROM renewal WHERE tsa_end < :before LIMIT :most
