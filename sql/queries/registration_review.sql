-- Review of applications: the queue, what one application shows, and the decisions.

-- name: review_list_time
-- does: applications that the filter finds, the oldest first
-- role: portal
-- in: tenant tenant_id, me account_id, mine bool, state text(10), profile text(40), q text(420),
--     receipt text(420), since time, before time, limit u32, offset u32
-- rows: id application_id, receipt text(16)?, title text(200), profile text(40), state text(10), via text(8),
--     kind text(8), key_source text(8), submitted_at time?, changed_at time, approvals_needed u32, generation u32,
--     applicant_id account_id, subscriber_id account_id?, first_approver account_id?, applicant text(120),
--     subscriber text(120)?, first_name text(120)?, edited bool, noted bool, contact text(254), decided_at time?
SELECT a.id, a.receipt, a.title, a.profile, a.state, a.via, a.kind, a.key_source, a.submitted_at, a.changed_at,
    a.approvals_needed, a.generation, a.applicant_id, a.subscriber_id, a.first_approver, p.name AS applicant,
    s.name AS subscriber, f.name AS first_name, a.edited IS NOT NULL AS edited,
    COALESCE(JSON_LENGTH(a.checks), 0) > 0 AS noted, a.contact, a.decided_at
FROM (SELECT k.id FROM application k
WHERE k.tenant_id = :tenant AND (:state = '' OR k.state = :state)
  AND k.submitted_at >= :since AND k.submitted_at < :before
  AND (:profile = '' OR k.profile = :profile)
  AND (:q = '' OR k.title LIKE :q ESCAPE '|') AND (:receipt = '' OR k.receipt = :receipt)
  AND (:mine = 0 OR ((k.applicant_id <> :me OR (k.via = 'bulk' AND k.first_approver IS NULL))
    AND (k.subscriber_id IS NULL OR k.subscriber_id <> :me)
    AND (k.first_approver IS NULL OR k.first_approver <> :me)))
ORDER BY k.submitted_at, k.id LIMIT :limit OFFSET :offset) AS found
  JOIN application a ON a.id = found.id JOIN account p ON p.id = a.applicant_id LEFT JOIN account s ON s.id = a.subscriber_id
  LEFT JOIN account f ON f.id = a.first_approver
WHERE a.tenant_id = :tenant
ORDER BY a.submitted_at, a.id LIMIT :limit

-- name: review_list_time_down
-- does: the same, the newest first
-- role: portal
-- in: tenant tenant_id, me account_id, mine bool, state text(10), profile text(40), q text(420),
--     receipt text(420), since time, before time, limit u32, offset u32
-- rows: id application_id, receipt text(16)?, title text(200), profile text(40), state text(10), via text(8),
--     kind text(8), key_source text(8), submitted_at time?, changed_at time, approvals_needed u32, generation u32,
--     applicant_id account_id, subscriber_id account_id?, first_approver account_id?, applicant text(120),
--     subscriber text(120)?, first_name text(120)?, edited bool, noted bool, contact text(254), decided_at time?
SELECT a.id, a.receipt, a.title, a.profile, a.state, a.via, a.kind, a.key_source, a.submitted_at, a.changed_at,
    a.approvals_needed, a.generation, a.applicant_id, a.subscriber_id, a.first_approver, p.name AS applicant,
    s.name AS subscriber, f.name AS first_name, a.edited IS NOT NULL AS edited,
    COALESCE(JSON_LENGTH(a.checks), 0) > 0 AS noted, a.contact, a.decided_at
FROM (SELECT k.id FROM application k
WHERE k.tenant_id = :tenant AND (:state = '' OR k.state = :state)
  AND k.submitted_at >= :since AND k.submitted_at < :before
  AND (:profile = '' OR k.profile = :profile)
  AND (:q = '' OR k.title LIKE :q ESCAPE '|') AND (:receipt = '' OR k.receipt = :receipt)
  AND (:mine = 0 OR ((k.applicant_id <> :me OR (k.via = 'bulk' AND k.first_approver IS NULL))
    AND (k.subscriber_id IS NULL OR k.subscriber_id <> :me)
    AND (k.first_approver IS NULL OR k.first_approver <> :me)))
ORDER BY k.submitted_at DESC, k.id DESC LIMIT :limit OFFSET :offset) AS found
  JOIN application a ON a.id = found.id JOIN account p ON p.id = a.applicant_id LEFT JOIN account s ON s.id = a.subscriber_id
  LEFT JOIN account f ON f.id = a.first_approver
WHERE a.tenant_id = :tenant
ORDER BY a.submitted_at DESC, a.id DESC LIMIT :limit

-- name: review_list_title
-- does: the same by the name to be certified
-- role: portal
-- in: tenant tenant_id, me account_id, mine bool, state text(10), profile text(40), q text(420),
--     receipt text(420), since time, before time, limit u32, offset u32
-- rows: id application_id, receipt text(16)?, title text(200), profile text(40), state text(10), via text(8),
--     kind text(8), key_source text(8), submitted_at time?, changed_at time, approvals_needed u32, generation u32,
--     applicant_id account_id, subscriber_id account_id?, first_approver account_id?, applicant text(120),
--     subscriber text(120)?, first_name text(120)?, edited bool, noted bool, contact text(254), decided_at time?
SELECT a.id, a.receipt, a.title, a.profile, a.state, a.via, a.kind, a.key_source, a.submitted_at, a.changed_at,
    a.approvals_needed, a.generation, a.applicant_id, a.subscriber_id, a.first_approver, p.name AS applicant,
    s.name AS subscriber, f.name AS first_name, a.edited IS NOT NULL AS edited,
    COALESCE(JSON_LENGTH(a.checks), 0) > 0 AS noted, a.contact, a.decided_at
FROM (SELECT k.id FROM application k
WHERE k.tenant_id = :tenant AND (:state = '' OR k.state = :state)
  AND k.submitted_at >= :since AND k.submitted_at < :before
  AND (:profile = '' OR k.profile = :profile)
  AND (:q = '' OR k.title LIKE :q ESCAPE '|') AND (:receipt = '' OR k.receipt = :receipt)
  AND (:mine = 0 OR ((k.applicant_id <> :me OR (k.via = 'bulk' AND k.first_approver IS NULL))
    AND (k.subscriber_id IS NULL OR k.subscriber_id <> :me)
    AND (k.first_approver IS NULL OR k.first_approver <> :me)))
ORDER BY k.title, k.id LIMIT :limit OFFSET :offset) AS found
  JOIN application a ON a.id = found.id JOIN account p ON p.id = a.applicant_id LEFT JOIN account s ON s.id = a.subscriber_id
  LEFT JOIN account f ON f.id = a.first_approver
WHERE a.tenant_id = :tenant
ORDER BY a.title, a.id LIMIT :limit

-- name: review_list_title_down
-- does: the same by name, last first
-- role: portal
-- in: tenant tenant_id, me account_id, mine bool, state text(10), profile text(40), q text(420),
--     receipt text(420), since time, before time, limit u32, offset u32
-- rows: id application_id, receipt text(16)?, title text(200), profile text(40), state text(10), via text(8),
--     kind text(8), key_source text(8), submitted_at time?, changed_at time, approvals_needed u32, generation u32,
--     applicant_id account_id, subscriber_id account_id?, first_approver account_id?, applicant text(120),
--     subscriber text(120)?, first_name text(120)?, edited bool, noted bool, contact text(254), decided_at time?
SELECT a.id, a.receipt, a.title, a.profile, a.state, a.via, a.kind, a.key_source, a.submitted_at, a.changed_at,
    a.approvals_needed, a.generation, a.applicant_id, a.subscriber_id, a.first_approver, p.name AS applicant,
    s.name AS subscriber, f.name AS first_name, a.edited IS NOT NULL AS edited,
    COALESCE(JSON_LENGTH(a.checks), 0) > 0 AS noted, a.contact, a.decided_at
FROM (SELECT k.id FROM application k
WHERE k.tenant_id = :tenant AND (:state = '' OR k.state = :state)
  AND k.submitted_at >= :since AND k.submitted_at < :before
  AND (:profile = '' OR k.profile = :profile)
  AND (:q = '' OR k.title LIKE :q ESCAPE '|') AND (:receipt = '' OR k.receipt = :receipt)
  AND (:mine = 0 OR ((k.applicant_id <> :me OR (k.via = 'bulk' AND k.first_approver IS NULL))
    AND (k.subscriber_id IS NULL OR k.subscriber_id <> :me)
    AND (k.first_approver IS NULL OR k.first_approver <> :me)))
ORDER BY k.title DESC, k.id DESC LIMIT :limit OFFSET :offset) AS found
  JOIN application a ON a.id = found.id JOIN account p ON p.id = a.applicant_id LEFT JOIN account s ON s.id = a.subscriber_id
  LEFT JOIN account f ON f.id = a.first_approver
WHERE a.tenant_id = :tenant
ORDER BY a.title DESC, a.id DESC LIMIT :limit

-- name: review_list_mine
-- does: what waits for one person, the oldest first; inside the index until the page is found
-- role: portal
-- in: tenant tenant_id, me account_id, since time, before time, limit u32, offset u32
-- rows: id application_id, receipt text(16)?, title text(200), profile text(40), state text(10), via text(8),
--     kind text(8), key_source text(8), submitted_at time?, changed_at time, approvals_needed u32, generation u32,
--     applicant_id account_id, subscriber_id account_id?, first_approver account_id?, applicant text(120),
--     subscriber text(120)?, first_name text(120)?, edited bool, noted bool, contact text(254), decided_at time?
SELECT a.id, a.receipt, a.title, a.profile, a.state, a.via, a.kind, a.key_source, a.submitted_at, a.changed_at,
    a.approvals_needed, a.generation, a.applicant_id, a.subscriber_id, a.first_approver, p.name AS applicant,
    s.name AS subscriber, f.name AS first_name, a.edited IS NOT NULL AS edited,
    COALESCE(JSON_LENGTH(a.checks), 0) > 0 AS noted, a.contact, a.decided_at
FROM (SELECT k.id FROM application k FORCE INDEX (queue_order)
WHERE k.tenant_id = :tenant AND k.state = 'waiting' AND k.submitted_at >= :since AND k.submitted_at < :before
  AND (k.applicant_id <> :me OR (k.via = 'bulk' AND k.first_approver IS NULL))
  AND (k.subscriber_id IS NULL OR k.subscriber_id <> :me) AND (k.first_approver IS NULL OR k.first_approver <> :me)
ORDER BY k.submitted_at, k.id LIMIT :limit OFFSET :offset) AS found
  JOIN application a ON a.id = found.id JOIN account p ON p.id = a.applicant_id LEFT JOIN account s ON s.id = a.subscriber_id
  LEFT JOIN account f ON f.id = a.first_approver
WHERE a.tenant_id = :tenant
ORDER BY a.submitted_at, a.id LIMIT :limit

-- name: review_count_mine
-- does: how many wait for one person, counted up to a limit
-- role: portal
-- in: tenant tenant_id, me account_id, since time, before time, limit u32
-- row: n u64
SELECT COUNT(*) AS n FROM (SELECT 1 FROM application k FORCE INDEX (queue_order)
WHERE k.tenant_id = :tenant AND k.state = 'waiting' AND k.submitted_at >= :since AND k.submitted_at < :before
  AND (k.applicant_id <> :me OR (k.via = 'bulk' AND k.first_approver IS NULL))
  AND (k.subscriber_id IS NULL OR k.subscriber_id <> :me) AND (k.first_approver IS NULL OR k.first_approver <> :me)
LIMIT :limit) AS found

-- name: review_count
-- does: how many the filter finds, counted up to a limit
-- role: portal
-- in: tenant tenant_id, me account_id, mine bool, state text(10), profile text(40), q text(420),
--     receipt text(420), since time, before time, limit u32
-- row: n u64
SELECT COUNT(*) AS n FROM (SELECT 1 FROM application a
WHERE a.tenant_id = :tenant AND (:state = '' OR a.state = :state)
  AND a.submitted_at >= :since AND a.submitted_at < :before
  AND (:profile = '' OR a.profile = :profile)
  AND (:q = '' OR a.title LIKE :q ESCAPE '|') AND (:receipt = '' OR a.receipt = :receipt)
  AND (:mine = 0 OR ((a.applicant_id <> :me OR (a.via = 'bulk' AND a.first_approver IS NULL))
    AND (a.subscriber_id IS NULL OR a.subscriber_id <> :me)
    AND (a.first_approver IS NULL OR a.first_approver <> :me)))
LIMIT :limit) AS found

-- name: review_next
-- does: the one that comes after a place in the queue by time
-- role: portal
-- in: tenant tenant_id, me account_id, mine bool, state text(10), profile text(40), q text(420),
--     receipt text(420), since time, before time, at time, id application_id
-- row: receipt text(16)?
SELECT a.receipt FROM application a
WHERE a.tenant_id = :tenant AND (:state = '' OR a.state = :state)
  AND a.submitted_at >= :since AND a.submitted_at < :before
  AND (:profile = '' OR a.profile = :profile)
  AND (:q = '' OR a.title LIKE :q ESCAPE '|') AND (:receipt = '' OR a.receipt = :receipt)
  AND (:mine = 0 OR ((a.applicant_id <> :me OR (a.via = 'bulk' AND a.first_approver IS NULL))
    AND (a.subscriber_id IS NULL OR a.subscriber_id <> :me)
    AND (a.first_approver IS NULL OR a.first_approver <> :me)))
  AND a.submitted_at >= :at AND (a.submitted_at > :at OR a.id > :id)
ORDER BY a.submitted_at, a.id LIMIT 1

-- name: review_previous
-- does: the one before it
-- role: portal
-- in: tenant tenant_id, me account_id, mine bool, state text(10), profile text(40), q text(420),
--     receipt text(420), since time, before time, at time, id application_id
-- row: receipt text(16)?
SELECT a.receipt FROM application a
WHERE a.tenant_id = :tenant AND (:state = '' OR a.state = :state)
  AND a.submitted_at >= :since AND a.submitted_at < :before
  AND (:profile = '' OR a.profile = :profile)
  AND (:q = '' OR a.title LIKE :q ESCAPE '|') AND (:receipt = '' OR a.receipt = :receipt)
  AND (:mine = 0 OR ((a.applicant_id <> :me OR (a.via = 'bulk' AND a.first_approver IS NULL))
    AND (a.subscriber_id IS NULL OR a.subscriber_id <> :me)
    AND (a.first_approver IS NULL OR a.first_approver <> :me)))
  AND a.submitted_at <= :at AND (a.submitted_at < :at OR a.id < :id)
ORDER BY a.submitted_at DESC, a.id DESC LIMIT 1

-- name: review_open
-- does: how many are open in each state, counted up to a limit
-- role: portal
-- in: tenant tenant_id, limit u32
-- row: waiting u64, held u64, returned u64
SELECT COUNT(CASE WHEN o.state = 'waiting' THEN 1 END) AS waiting, COUNT(CASE WHEN o.state = 'held' THEN 1 END) AS held,
  COUNT(CASE WHEN o.state = 'returned' THEN 1 END) AS returned
FROM ((SELECT w.state FROM application w WHERE w.tenant_id = :tenant AND w.state = 'waiting' LIMIT :limit)
  UNION ALL (SELECT h.state FROM application h WHERE h.tenant_id = :tenant AND h.state = 'held' LIMIT :limit)
  UNION ALL (SELECT r.state FROM application r WHERE r.tenant_id = :tenant AND r.state = 'returned' LIMIT :limit)) AS o

-- name: review_actor
-- does: may this account review for this customer, now
-- role: portal worker ctl
-- in: tenant tenant_id, id account_id
-- row: active bool, reviewer bool, admin bool
SELECT a.state = 'active' AS active, EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id
    AND r.role IN ('customer_admin', 'lra_operator')) AS reviewer,
  EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id AND r.role = 'customer_admin') AS admin
FROM account a WHERE a.id = :id AND a.tenant_id = :tenant LOCK IN SHARE MODE

-- name: review_lock
-- does: one application, kept from others until the transaction ends
-- role: portal worker ctl
-- in: tenant tenant_id, id application_id
-- row: state text(10), generation u32
SELECT state, generation FROM application WHERE id = :id AND tenant_id = :tenant FOR UPDATE

-- name: review_approve_first
-- does: the first approval, with what follows from it
-- role: portal worker ctl
-- in: id application_id, tenant tenant_id, generation u32, account account_id, state text(10),
--     now time, decided time?
-- out: changed
UPDATE application SET first_approver = :account, first_at = :now, state = :state, decision_note = NULL,
  generation = generation + 1, changed_at = :now, decided_at = :decided
WHERE id = :id AND tenant_id = :tenant AND generation = :generation AND state = 'waiting' AND first_approver IS NULL

-- name: review_approve_second
-- does: the second approval
-- role: portal worker
-- in: id application_id, tenant tenant_id, generation u32, account account_id, state text(10),
--     now time, decided time?
-- out: changed
UPDATE application SET second_approver = :account, second_at = :now, state = :state, decision_note = NULL,
  generation = generation + 1, changed_at = :now, decided_at = :decided
WHERE id = :id AND tenant_id = :tenant AND generation = :generation AND state = 'waiting' AND first_approver IS NOT NULL

-- name: review_move
-- does: reject, hold, resume or withdraw
-- role: portal worker ctl
-- in: id application_id, tenant tenant_id, generation u32, was text(10), state text(10), note text(2000)?, now time,
--     decided time?
-- out: changed
UPDATE application SET state = :state, decision_note = :note, generation = generation + 1, changed_at = :now,
  decided_at = :decided
WHERE id = :id AND tenant_id = :tenant AND generation = :generation AND state = :was

-- name: review_return
-- does: send back for correction; what was approved will be another thing
-- role: portal worker ctl
-- in: id application_id, tenant tenant_id, generation u32, was text(10), note text(2000), now time
-- out: changed
UPDATE application SET state = 'returned', decision_note = :note, first_approver = NULL, first_at = NULL,
  generation = generation + 1, changed_at = :now
WHERE id = :id AND tenant_id = :tenant AND generation = :generation AND state = :was

-- name: review_edit
-- does: change what will be certified; an approval given before is void
-- role: portal worker
-- in: id application_id, tenant tenant_id, generation u32, was text(10), edited text(65535)?, title text(200),
--     now time
-- out: changed
UPDATE application SET edited = :edited, title = :title, first_approver = NULL, first_at = NULL,
  generation = generation + 1, changed_at = :now
WHERE id = :id AND tenant_id = :tenant AND generation = :generation AND state = :was

-- name: review_vetting_add
-- does: what was confirmed before an approval
-- role: portal worker ctl
-- in: application application_id, tenant tenant_id, account account_id, generation u32, now time, item text(12),
--     method text(12), note text(500)?
-- audit: exempt part of an audited action
INSERT INTO application_vetting (application_id, tenant_id, account_id, generation, at, item, method, note)
VALUES (:application, :tenant, :account, :generation, :now, :item, :method, :note)

-- name: review_vetting
-- does: all that was confirmed about an application, in order
-- role: portal
-- in: tenant tenant_id, application application_id
-- rows: at time, who text(120), item text(12), method text(12), note text(500)?, generation u32
SELECT v.at, p.name AS who, v.item, v.method, v.note, v.generation
FROM application_vetting v JOIN account p ON p.id = v.account_id
WHERE v.application_id = :application AND v.tenant_id = :tenant ORDER BY v.id LIMIT 100

-- name: review_earlier
-- does: certificates of the same person, newest first
-- role: portal
-- in: tenant tenant_id, account account_id?, title text(200)
-- rows: id certificate_id, subject text(1000), profile text(40), state text(10), serial bytes(20)?, not_after time?,
--     requested_at time
SELECT c.id, c.subject_text AS subject, c.profile, c.state, c.serial, c.not_after, c.requested_at FROM certificate c
JOIN ((SELECT x.id FROM certificate x WHERE x.tenant_id = :tenant AND x.account_id = :account ORDER BY x.id DESC LIMIT 10)
  UNION (SELECT y.id FROM certificate y WHERE y.tenant_id = :tenant AND y.common_name = :title
    ORDER BY y.id DESC LIMIT 10)) AS same ON same.id = c.id
WHERE c.tenant_id = :tenant ORDER BY c.id DESC LIMIT 10
