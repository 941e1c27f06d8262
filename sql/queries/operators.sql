-- LRA operators: who is behind a certificate, its visits, the administrator's list.

-- name: operator_account
-- does: the active person that a certificate of that tenant belongs to, while the contract runs
-- role: portal ctl
-- in: account account_id, tenant tenant_id, now time
-- row: login text(254), name text(120), email text(254), lang text(2), tenant_name text(120), state text(10), roles text(255), runs bool
SELECT a.login, a.name, a.email, a.lang, t.name AS tenant_name, a.state,
    COALESCE((SELECT GROUP_CONCAT(r.role) FROM account_role r WHERE r.account_id = a.id), '') AS roles,
    COALESCE(t.ended_at IS NULL AND (t.contract_start IS NULL OR t.contract_start <= :now)
        AND (t.contract_end IS NULL OR t.contract_end > :now), 0) AS runs
FROM account a JOIN tenant t ON t.id = a.tenant_id
WHERE a.id = :account AND a.tenant_id = :tenant

-- name: operator_visit
-- does: when a certificate was last used, from where, and when its refusal was last audited
-- role: portal
-- in: certificate certificate_id, tenant tenant_id
-- row: since time?, seen_at time?, address text(45), refused_at time?
SELECT since, seen_at, address, refused_at FROM operator_visit
WHERE certificate_id = :certificate AND tenant_id = :tenant

-- name: operator_visit_begin
-- does: a certificate is used after a pause, or from elsewhere
-- role: portal
-- in: certificate certificate_id, tenant tenant_id, account account_id, address text(45), now time
INSERT INTO operator_visit (certificate_id, tenant_id, account_id, since, seen_at, address)
VALUES (:certificate, :tenant, :account, :now, :now, :address)
ON DUPLICATE KEY UPDATE since = :now, seen_at = :now, address = :address

-- name: operator_visit_seen
-- does: a certificate goes on being used
-- role: portal
-- in: certificate certificate_id, tenant tenant_id, now time
-- audit: exempt use of a certificate is not an act; the visit's beginning is audited
UPDATE operator_visit SET seen_at = :now WHERE certificate_id = :certificate AND tenant_id = :tenant

-- name: operator_visit_refused
-- does: remember that the refusal of a certificate was audited
-- role: portal
-- in: certificate certificate_id, tenant tenant_id, account account_id, now time
INSERT INTO operator_visit (certificate_id, tenant_id, account_id, refused_at)
VALUES (:certificate, :tenant, :account, :now)
ON DUPLICATE KEY UPDATE refused_at = :now

-- name: operator_login
-- does: a visit by certificate counts as a sign-in: who works is not dormant (P3-144)
-- role: portal
-- in: account account_id, tenant tenant_id, now time
UPDATE account SET login_at = :now, warned_at = NULL WHERE id = :account AND tenant_id = :tenant

-- name: operator_login_event
-- does: the same in the history that the person sees
-- role: portal
-- in: account account_id, now time, address text(45)
-- tenant: all the account found before by certificate and tenant
INSERT INTO login_event (account_id, at, kind, address, user_agent)
VALUES (:account, :now, 'certificate', :address, '')

-- name: operator_list
-- does: a tenant's LRA operators, by name
-- role: portal
-- in: tenant tenant_id, limit u32, offset u32
-- rows: id account_id, login text(254), name text(120), email text(254), state text(10)
SELECT a.id, a.login, a.name, a.email, a.state FROM account a
JOIN account_role r ON r.account_id = a.id AND r.role = 'lra_operator'
WHERE a.tenant_id = :tenant AND a.state <> 'closed' ORDER BY a.name, a.id LIMIT :limit OFFSET :offset

-- name: operator_count
-- does: how many LRA operators a tenant has
-- role: portal
-- in: tenant tenant_id
-- row: total u64
SELECT COUNT(a.id) AS total FROM account a JOIN account_role r ON r.account_id = a.id AND r.role = 'lra_operator'
WHERE a.tenant_id = :tenant AND a.state <> 'closed'

-- name: operator_certificates
-- does: the operator certificates of a person, newest first, with their last use
-- role: portal
-- in: tenant tenant_id, account account_id, profile text(40)
-- rows: id certificate_id, state text(10), serial bytes(20)?, not_after time?, seen_at time?, revoked_at time?
SELECT c.id, c.state, c.serial, c.not_after, v.seen_at, c.revoked_at
FROM certificate c LEFT JOIN operator_visit v ON v.certificate_id = c.id
WHERE c.tenant_id = :tenant AND c.account_id = :account AND c.profile = :profile
  AND c.state <> 'refused' ORDER BY c.id DESC LIMIT 10

-- name: operator_certificate
-- does: one operator certificate of a tenant, with its person
-- role: portal
-- in: tenant tenant_id, certificate certificate_id, profile text(40)
-- row: account account_id?, name text(120), login text(254), state text(10), serial bytes(20)?, not_after time?
SELECT c.account_id AS account, a.name, a.login, c.state, c.serial, c.not_after
FROM certificate c JOIN account a ON a.id = c.account_id
WHERE c.id = :certificate AND c.tenant_id = :tenant AND c.profile = :profile
