-- mail.sql - what became of mails, for those who look after people. No statement here reads a body.

-- name: mail_admin_list
-- does: mails of a customer, the last first
-- role: portal
-- in: tenant tenant_id, q text(600), state text(8), limit u32, offset u32
-- rows: id mail_id, recipient text(254), template text(64), state text(8), error text(512), body bool, created time, sent_at time?, bounced_at time?, tenant_name text(120), stopped bool
SELECT m.id, m.recipient, m.template, m.state, COALESCE(m.last_error, ''), m.text_part IS NOT NULL,
    m.created, m.sent_at, m.bounced_at, COALESCE(t.name, '') AS tenant_name,
    EXISTS (SELECT 1 FROM mail_undeliverable u WHERE u.tenant_id = m.tenant_id AND u.address = LOWER(m.recipient)) AS stopped
FROM mail m LEFT JOIN tenant t ON t.id = m.tenant_id
WHERE m.tenant_id = :tenant AND (:q = '' OR m.recipient LIKE :q ESCAPE '|') AND (:state = '' OR m.state = :state)
ORDER BY m.id DESC LIMIT :limit OFFSET :offset

-- name: mail_admin_list_all
-- does: mails of everybody, the last first
-- role: portal
-- tenant: all for the provider's own staff
-- in: q text(600), state text(8), limit u32, offset u32
-- rows: id mail_id, recipient text(254), template text(64), state text(8), error text(512), body bool, created time, sent_at time?, bounced_at time?, tenant_name text(120), stopped bool
SELECT m.id, m.recipient, m.template, m.state, COALESCE(m.last_error, ''), m.text_part IS NOT NULL,
    m.created, m.sent_at, m.bounced_at, COALESCE(t.name, '') AS tenant_name,
    EXISTS (SELECT 1 FROM mail_undeliverable u WHERE u.tenant_id = m.tenant_id AND u.address = LOWER(m.recipient)) AS stopped
FROM mail m LEFT JOIN tenant t ON t.id = m.tenant_id
WHERE (:q = '' OR m.recipient LIKE :q ESCAPE '|') AND (:state = '' OR m.state = :state)
ORDER BY m.id DESC LIMIT :limit OFFSET :offset

-- name: mail_admin_count
-- does: how many mails of a customer the filter finds, counted up to a limit
-- role: portal
-- in: tenant tenant_id, q text(600), state text(8), limit u32
-- row: n u64
SELECT COUNT(*) AS n FROM (SELECT 1 FROM mail m
WHERE m.tenant_id = :tenant AND (:q = '' OR m.recipient LIKE :q ESCAPE '|') AND (:state = '' OR m.state = :state)
LIMIT :limit) AS found

-- name: mail_admin_count_all
-- does: the same of everybody
-- role: portal
-- tenant: all for the provider's own staff
-- in: q text(600), state text(8), limit u32
-- row: n u64
SELECT COUNT(*) AS n FROM (SELECT 1 FROM mail m
WHERE (:q = '' OR m.recipient LIKE :q ESCAPE '|') AND (:state = '' OR m.state = :state) LIMIT :limit) AS found

-- name: mail_admin_get
-- does: a mail to be sent again, under a lock; tenant 0 asks in all
-- role: portal
-- tenant: all 0 is passed only for the provider's own staff
-- in: tenant u64, mail mail_id
-- row: tenant tenant_id, recipient text(254), state text(8), body bool
SELECT tenant_id, recipient, state, text_part IS NOT NULL FROM mail
WHERE id = :mail AND (:tenant = 0 OR tenant_id = :tenant) FOR UPDATE

-- name: mail_admin_requeue
-- does: a failed mail waits for its delivery again
-- role: portal
-- in: tenant tenant_id, mail mail_id, now time
-- out: changed
UPDATE mail SET state = 'queued', attempts = 0, last_error = NULL, resent_at = :now
WHERE id = :mail AND tenant_id = :tenant AND state = 'failed' AND text_part IS NOT NULL

-- name: mail_trouble
-- does: whether the last mail to an address arrived
-- role: portal
-- in: tenant tenant_id, address text(254)
-- row: state text(8), error text(512)
SELECT state, COALESCE(last_error, '') FROM mail
WHERE tenant_id = :tenant AND recipient = :address ORDER BY id DESC LIMIT 1

-- name: mail_trouble_count
-- does: addresses of a customer whose last mail did not arrive
-- role: portal
-- in: tenant tenant_id, since time, limit u32
-- row: n u64
SELECT COUNT(*) AS n FROM (SELECT 1 FROM mail m
WHERE m.tenant_id = :tenant AND m.state IN ('failed', 'bounced') AND m.created > :since
  AND NOT EXISTS (SELECT 1 FROM mail l WHERE l.tenant_id = m.tenant_id AND l.recipient = m.recipient AND l.id > m.id)
LIMIT :limit) AS found

-- name: mail_trouble_count_all
-- does: the same of everybody
-- role: portal
-- tenant: all for the provider's own staff
-- in: since time, limit u32
-- row: n u64
SELECT COUNT(*) AS n FROM (SELECT 1 FROM mail m
WHERE m.state IN ('failed', 'bounced') AND m.created > :since
  AND NOT EXISTS (SELECT 1 FROM mail l WHERE l.tenant_id = m.tenant_id AND l.recipient = m.recipient AND l.id > m.id)
LIMIT :limit) AS found

-- name: mail_by_token
-- does: the mail whose Message-ID or return path holds this token
-- role: ctl
-- in: token text(64)
-- row: id mail_id, tenant tenant_id, recipient text(254), state text(8)
SELECT id, tenant_id, recipient, state FROM mail WHERE token = :token FOR UPDATE

-- name: mail_mark_bounced
-- does: a mail that was sent came back
-- role: ctl
-- in: id mail_id, error text(512), now time
-- out: changed
UPDATE mail SET state = 'bounced', bounced_at = :now, last_error = :error WHERE id = :id AND state = 'sent'

-- name: mail_undeliverable_add
-- does: nothing more is sent to this address
-- role: ctl
-- in: tenant tenant_id, address text(254), status text(12), mail mail_id, now time
INSERT INTO mail_undeliverable (tenant_id, address, status, mail_id, at)
VALUES (:tenant, :address, :status, :mail, :now) ON DUPLICATE KEY UPDATE status = :status, mail_id = :mail, at = :now

-- name: mail_undeliverable_get
-- does: whether an address takes no mail
-- role: portal worker
-- in: tenant tenant_id, address text(254)
-- row: status text(12), at time
SELECT status, at FROM mail_undeliverable WHERE tenant_id = :tenant AND address = :address

-- name: mail_undeliverable_drop
-- does: try an address again
-- role: portal
-- in: tenant tenant_id, address text(254)
-- out: changed
DELETE FROM mail_undeliverable WHERE tenant_id = :tenant AND address = :address

-- name: mail_erase_bodies
-- does: erase the bodies of mails that failed long ago
-- role: worker
-- in: before time
-- out: changed
UPDATE mail SET text_part = NULL, html_part = NULL
WHERE state = 'failed' AND text_part IS NOT NULL AND created < :before LIMIT 1000

-- name: mail_purge
-- does: forget mails beyond their retention
-- role: worker
-- in: before time
-- out: changed
DELETE FROM mail WHERE created < :before AND state <> 'queued' LIMIT 1000

-- name: mail_undeliverable_purge
-- does: forget marks beyond the retention of mails
-- role: worker
-- in: before time
-- out: changed
DELETE FROM mail_undeliverable WHERE at < :before LIMIT 1000
