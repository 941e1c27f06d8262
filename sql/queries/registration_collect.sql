-- Statements of the registration slice: one-time links to make keys and collect certificates.

-- name: collect_add
-- does: make a link; only the hash of its token is kept
-- role: worker ctl
-- in: application application_id, tenant tenant_id, token_hash bytes32, code text(8), now time,
--    expires time
INSERT INTO collect_link (application_id, tenant_id, token_hash, code, created_at, expires_at)
VALUES (:application, :tenant, :token_hash, :code, :now, :expires)

-- name: collect_void
-- does: end the links of an application that nobody used
-- role: portal worker ctl
-- in: application application_id, tenant tenant_id
-- out: changed
-- audit: exempt goes with the audited new link, or the audited end of the application
UPDATE collect_link SET state = 'void'
 WHERE application_id = :application AND tenant_id = :tenant AND state = 'open'

-- name: collect_lock
-- does: a link by the hash of its token, locked
-- role: portal
-- tenant: all the token, 256 random bits, is the key to it
-- in: token_hash bytes32
-- row: id u64, application application_id, tenant tenant_id, code text(8), state text(4),
--    failures u32, salt bytes(16)?, sealed_key bytes(8192)?, sealed_until time?, expires_at time
SELECT id, application_id, tenant_id, code, state, failures, salt, sealed_key, sealed_until,
       expires_at
  FROM collect_link WHERE token_hash = :token_hash FOR UPDATE

-- name: collect_newest
-- does: the newest link of an application, for its page
-- role: portal
-- in: application application_id, tenant tenant_id
-- row: code text(8), state text(4), created_at time, expires_at time
SELECT code, state, created_at, expires_at FROM collect_link
 WHERE application_id = :application AND tenant_id = :tenant ORDER BY id DESC LIMIT 1

-- name: collect_made
-- does: note that the key is made, and keep it sealed when the server made it
-- role: portal
-- in: id u64, tenant tenant_id, salt bytes(16)?, sealed_key bytes(8192)?, sealed_until time?, now time
-- out: changed
UPDATE collect_link SET state = 'made', salt = :salt, sealed_key = :sealed_key,
       sealed_until = :sealed_until, used_at = :now
 WHERE id = :id AND tenant_id = :tenant AND state = 'open'

-- name: collect_done
-- does: end a link and erase the sealed key
-- role: portal
-- in: id u64, tenant tenant_id
-- out: changed
UPDATE collect_link SET state = 'done', salt = NULL, sealed_key = NULL, sealed_until = NULL
 WHERE id = :id AND tenant_id = :tenant AND state = 'made'

-- name: collect_failed
-- does: count a wrong code or password
-- role: portal
-- in: id u64, tenant tenant_id
-- out: changed
UPDATE collect_link SET failures = failures + 1 WHERE id = :id AND tenant_id = :tenant

-- name: collect_shut
-- does: end a link after too many wrong codes or passwords, and erase the sealed key
-- role: portal
-- in: id u64, tenant tenant_id
-- out: changed
UPDATE collect_link SET state = CASE WHEN state = 'made' THEN 'done' ELSE 'void' END, salt = NULL,
       sealed_key = NULL, sealed_until = NULL
 WHERE id = :id AND tenant_id = :tenant AND state IN ('open', 'made')

-- name: collect_erase
-- does: erase sealed keys that nobody fetched in time
-- role: worker
-- in: now time
-- out: changed
-- audit: exempt making the key was audited; its end in minutes is part of that
UPDATE collect_link SET state = 'done', salt = NULL, sealed_key = NULL, sealed_until = NULL
 WHERE sealed_until <= :now LIMIT 100

-- name: collect_purge
-- does: forget links that ended long ago
-- role: worker
-- in: before time
-- out: changed
-- audit: exempt what they led to is in the history of the application
DELETE FROM collect_link WHERE expires_at < :before AND sealed_key IS NULL LIMIT 100
