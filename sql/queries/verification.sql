-- Statements of the verification slice: bulk verification.

-- name: verification_set_add
-- does: begin a set
-- role: portal
-- in: public_id text(32), tenant tenant_id, account account_id, title text(120), now time, delete_at time
INSERT INTO verification_set (public_id, tenant_id, account_id, title, created_at, delete_at)
VALUES (:public_id, :tenant, :account, :title, :now, :delete_at)

-- name: verification_set_of
-- does: find a set of a person
-- role: portal
-- in: tenant tenant_id, account account_id, public_id text(32), now time
-- row: id u64, public_id text(32), title text(120), created_at time, delete_at time
SELECT id, public_id, title, created_at, delete_at FROM verification_set
WHERE tenant_id = :tenant AND account_id = :account AND public_id = :public_id AND delete_at > :now

-- name: verification_set_list
-- does: list the sets of a person, newest first, with what was found
-- role: portal
-- in: tenant tenant_id, account account_id, now time
-- rows: public_id text(32), title text(120), created_at time, delete_at time, files u64, passed u64, failed u64
SELECT s.public_id, s.title, s.created_at, s.delete_at, COUNT(i.id),
  COUNT(CASE WHEN i.outcome = 'total-passed' THEN 1 END),
  COUNT(CASE WHEN i.outcome IN ('total-failed', 'unreadable') THEN 1 END)
FROM verification_set s LEFT JOIN verification_item i ON i.set_id = s.id
WHERE s.tenant_id = :tenant AND s.account_id = :account AND s.delete_at > :now
GROUP BY s.id, s.public_id, s.title, s.created_at, s.delete_at
ORDER BY s.created_at DESC, s.id DESC LIMIT 50

-- name: verification_set_count
-- does: count the sets that a person has now
-- role: portal
-- in: tenant tenant_id, account account_id, now time
-- row: n u64
SELECT COUNT(*) FROM verification_set
WHERE tenant_id = :tenant AND account_id = :account AND delete_at > :now

-- name: verification_set_drop
-- does: delete a set with all that was found
-- role: portal
-- in: tenant tenant_id, account account_id, public_id text(32)
-- out: changed
DELETE FROM verification_set
WHERE tenant_id = :tenant AND account_id = :account AND public_id = :public_id

-- name: verification_set_purge
-- does: delete the sets whose time has come
-- role: worker
-- in: now time
-- out: changed
-- audit: exempt nothing but findings of at most eight hours; begun and exported under audit
DELETE FROM verification_set WHERE delete_at <= :now ORDER BY delete_at LIMIT 100

-- name: verification_item_put
-- does: keep what was found about a file; the same file again replaces it
-- role: portal
-- in: set_id u64, name_hash bytes32, filename text(255), size u64, digest bytes32, outcome text(16), reason_code text(64)?, sub_indication text(64)?, signatures u32, signer text(255)?, level text(16)?, proven_at time?, tsa text(255)?, accredited text(255)?, now time
-- audit: exempt judging changes nothing but the person's own list of findings
INSERT INTO verification_item (set_id, name_hash, filename, size, digest, outcome, reason_code, sub_indication,
  signatures, signer, level, proven_at, tsa, accredited, judged_at)
VALUES (:set_id, :name_hash, :filename, :size, :digest, :outcome, :reason_code, :sub_indication,
  :signatures, :signer, :level, :proven_at, :tsa, :accredited, :now)
ON DUPLICATE KEY UPDATE outcome = :outcome, reason_code = :reason_code, sub_indication = :sub_indication,
  signatures = :signatures, signer = :signer, level = :level, proven_at = :proven_at, tsa = :tsa,
  accredited = :accredited, judged_at = :now

-- name: verification_item_list
-- does: list the findings of a set; a set is small, so the order may be made at run time
-- role: portal
-- in: set_id u64, name text(255), outcome text(16), from_at time?, to_at time?, sort text(16), skip u32, most u32
-- rows: id u64, filename text(255), size u64, digest bytes32, outcome text(16), reason_code text(64)?, sub_indication text(64)?, signatures u32, signer text(255)?, level text(16)?, proven_at time?, tsa text(255)?, accredited text(255)?, judged_at time
SELECT id, filename, size, digest, outcome, reason_code, sub_indication, signatures, signer, level, proven_at,
  tsa, accredited, judged_at
FROM verification_item WHERE set_id = :set_id AND (:name = '' OR INSTR(filename, :name) > 0)
  AND (:outcome = '' OR outcome = :outcome)
  AND (:from_at IS NULL OR proven_at >= :from_at) AND (:to_at IS NULL OR proven_at < :to_at)
ORDER BY CASE :sort WHEN 'name' THEN filename WHEN 'outcome' THEN outcome END,
  CASE :sort WHEN '-name' THEN filename WHEN '-outcome' THEN outcome END DESC,
  CASE :sort WHEN 'time' THEN proven_at END, CASE :sort WHEN '-time' THEN proven_at END DESC,
  id LIMIT :skip, :most

-- name: verification_item_counts
-- does: count the findings that the list shows, by outcome
-- role: portal
-- in: set_id u64, name text(255), outcome text(16), from_at time?, to_at time?
-- row: n u64, passed u64, indeterminate u64, failed u64, none u64, unreadable u64
SELECT COUNT(*), COUNT(CASE WHEN outcome = 'total-passed' THEN 1 END), COUNT(CASE WHEN outcome = 'indeterminate' THEN 1 END),
  COUNT(CASE WHEN outcome = 'total-failed' THEN 1 END), COUNT(CASE WHEN outcome = 'no-signature' THEN 1 END),
  COUNT(CASE WHEN outcome = 'unreadable' THEN 1 END)
FROM verification_item WHERE set_id = :set_id AND (:name = '' OR INSTR(filename, :name) > 0)
  AND (:outcome = '' OR outcome = :outcome)
  AND (:from_at IS NULL OR proven_at >= :from_at) AND (:to_at IS NULL OR proven_at < :to_at)
