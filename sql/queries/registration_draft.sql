-- Statements of the registration slice: drafts, a person's own applications, people to choose from.

-- name: draft_add
-- does: begin a draft
-- role: portal ctl
-- in: tenant tenant_id, applicant account_id, subscriber account_id?, kind text(8), profile text(40),
--    profile_version u32, key_source text(8), fields text(60000), contact text(254), lang text(2),
--    approvals_needed u32, renews certificate_id?, now time
-- out: id application_id
-- audit: exempt a draft matters to nobody but its author; sending it is audited
INSERT INTO application (tenant_id, applicant_id, subscriber_id, via, kind, profile, profile_version,
  key_source, state, title, fields, contact, lang, approvals_needed, renews, created_at, changed_at)
VALUES (:tenant, :applicant, :subscriber, 'page', :kind, :profile, :profile_version, :key_source,
  'draft', '', :fields, :contact, :lang, :approvals_needed, :renews, :now, :now)

-- name: draft_get
-- does: a person's own application that began as a draft, sent or not
-- role: portal
-- in: tenant tenant_id, applicant account_id, id application_id
-- row: state text(10), receipt text(16)?, subscriber account_id?, subscriber_name text(120)?,
--    profile text(40), key_source text(8), fields text(60000), csr bytes(65535)?,
--    renews certificate_id?, contact text(254), created_at time, changed_at time
SELECT d.state, d.receipt, d.subscriber_id, s.name, d.profile, d.key_source, d.fields, d.csr,
       d.renews, d.contact, d.created_at, d.changed_at
  FROM application d LEFT JOIN account s ON s.id = d.subscriber_id
 WHERE d.id = :id AND d.tenant_id = :tenant AND d.applicant_id = :applicant

-- name: draft_lock
-- does: lock a person's own draft until the transaction ends; it may have been sent meanwhile
-- role: portal
-- in: tenant tenant_id, applicant account_id, id application_id
-- row: state text(10), receipt text(16)?
SELECT state, receipt FROM application
 WHERE id = :id AND tenant_id = :tenant AND applicant_id = :applicant FOR UPDATE

-- name: draft_keep
-- does: keep what is written in a draft
-- role: portal ctl
-- in: tenant tenant_id, applicant account_id, id application_id, key_source text(8),
--    fields text(60000), csr bytes(65535)?, title text(200), now time
-- out: changed
-- audit: exempt a draft matters to nobody but its author; sending it is audited
UPDATE application SET key_source = :key_source, fields = :fields, csr = :csr, title = :title,
       changed_at = :now
 WHERE id = :id AND tenant_id = :tenant AND applicant_id = :applicant AND state = 'draft'

-- name: draft_drop
-- does: throw a draft away
-- role: portal
-- in: tenant tenant_id, applicant account_id, id application_id
-- out: changed
-- audit: exempt a draft matters to nobody but its author; sending it is audited
DELETE FROM application
 WHERE id = :id AND tenant_id = :tenant AND applicant_id = :applicant AND state = 'draft'

-- name: draft_list
-- does: a person's drafts, the one changed last first
-- role: portal ctl
-- in: tenant tenant_id, applicant account_id
-- rows: id application_id, profile text(40), title text(200), subscriber_name text(120)?, changed_at time
SELECT d.id, d.profile, d.title, s.name, d.changed_at
  FROM application d LEFT JOIN account s ON s.id = d.subscriber_id
 WHERE d.tenant_id = :tenant AND d.applicant_id = :applicant AND d.state = 'draft'
 ORDER BY d.changed_at DESC, d.id DESC LIMIT 50

-- name: draft_purge
-- does: throw away drafts that nobody went on with
-- role: worker
-- in: before time
-- out: changed
-- audit: exempt a draft matters to nobody but its author
DELETE FROM application WHERE state = 'draft' AND changed_at < :before ORDER BY changed_at LIMIT 100

-- name: mine_list
-- does: what a person applied for, or others for them; the newest first
-- role: portal
-- in: tenant tenant_id, account account_id, state text(10), skip u32, most u32
-- rows: id application_id, receipt text(16)?, profile text(40), title text(200), state text(10),
--    submitted_at time?, changed_at time
SELECT id, receipt, profile, title, state, submitted_at, changed_at FROM application
 WHERE tenant_id = :tenant AND (applicant_id = :account OR subscriber_id = :account)
   AND receipt IS NOT NULL AND (:state = '' OR state = :state)
 ORDER BY submitted_at DESC, id DESC LIMIT :skip, :most

-- name: mine_count
-- does: how many these are
-- role: portal
-- in: tenant tenant_id, account account_id, state text(10)
-- row: n u64, returned u64
SELECT COUNT(*), COUNT(CASE WHEN state = 'returned' THEN 1 END) FROM application
 WHERE tenant_id = :tenant AND (applicant_id = :account OR subscriber_id = :account)
   AND receipt IS NOT NULL AND (:state = '' OR state = :state)

-- name: registration_people
-- does: people of a tenant whose name, login or mail address begins with a text
-- role: portal
-- in: tenant tenant_id, q text(120)
-- rows: id account_id, name text(120), login text(254), email text(254)
SELECT id, name, login, email FROM account
 WHERE tenant_id = :tenant AND state IN ('invited', 'active', 'locked')
   AND (name LIKE CONCAT(:q, '%') OR login LIKE CONCAT(:q, '%') OR email LIKE CONCAT(:q, '%'))
 ORDER BY name, id LIMIT 20
