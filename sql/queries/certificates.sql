-- Statements of the certificates slice: reading with a scope, changes, renewals.

-- name: cert_get
-- does: one certificate within a scope: of a tenant, or of a person, or of any customer
-- role: portal worker ctl
-- in: id certificate_id, tenant tenant_id?, account account_id?
-- row: id certificate_id, tenant tenant_id, tenant_name text(120), account account_id?,
--    account_name text(120)?, requested_by account_id?, application application_id?, receipt text(16)?,
--    key_source text(8)?, state text(10), profile text(40), profile_version u32, cps text(40),
--    subject_text text(1000), common_name text(200), serial bytes(20)?, requested_at time,
--    issued_at time?, not_before time?, not_after time?, revoked_at time?, reason u32,
--    refused text(64), replaced_by certificate_id?, renews certificate_id?, der bytes(65535)?
SELECT c.id, t.id AS tenant, t.name AS tenant_name, c.account_id, a.name AS account_name, c.requested_by,
       c.application_id, p.receipt, p.key_source, c.state, c.profile,
       COALESCE(c.profile_version, CAST(0 AS UNSIGNED)) AS profile_version, c.cps, c.subject_text,
       c.common_name, c.serial, c.requested_at, c.issued_at, c.not_before, c.not_after, c.revoked_at, c.reason, c.refused,
       c.replaced_by, p.renews, c.der
  FROM certificate c JOIN tenant t ON t.id = c.tenant_id
  LEFT JOIN account a ON a.id = c.account_id
  LEFT JOIN application p ON p.id = c.application_id
 WHERE c.id = :id AND (:tenant IS NULL OR c.tenant_id = :tenant)
   AND (:account IS NULL OR c.account_id = :account
        OR (c.account_id IS NULL AND c.requested_by = :account))

-- name: cert_by_serial
-- does: the certificates with a serial number within a scope: one, unless two authorities coincide
-- role: portal worker
-- in: serial bytes(20), tenant tenant_id?, account account_id?, limit u32
-- rows: id certificate_id
SELECT c.id FROM certificate c
 WHERE c.serial = :serial AND c.tenant_id IS NOT NULL AND (:tenant IS NULL OR c.tenant_id = :tenant)
   AND (:account IS NULL OR c.account_id = :account
        OR (c.account_id IS NULL AND c.requested_by = :account))
 ORDER BY c.id LIMIT :limit

-- name: cert_held_by
-- does: who asked for the suspension that holds now; NULL: a program, or the key's or address's holder
-- role: portal worker
-- in: certificate certificate_id, tenant tenant_id
-- row: actor account_id?
SELECT h.actor_id FROM certificate_change h
 WHERE h.certificate_id = :certificate AND h.tenant_id = :tenant AND h.kind = 'suspended'
 ORDER BY h.id DESC LIMIT 1

-- name: cert_change_add
-- does: note a change of status, or of what follows a certificate
-- role: portal worker ctl
-- in: certificate certificate_id, tenant tenant_id, at time, actor account_id?, kind text(12),
--    how text(8), reason u32, dated time?, other certificate_id?
-- out: id change_id
INSERT INTO certificate_change (certificate_id, tenant_id, at, actor_id, kind, how, reason, dated, other_id)
VALUES (:certificate, :tenant, :at, :actor, :kind, :how, :reason, :dated, :other)

-- name: cert_changes
-- does: the history of a certificate
-- role: portal worker
-- in: certificate certificate_id, tenant tenant_id, limit u32
-- rows: id change_id, at time, actor text(120)?, kind text(12), how text(8), reason u32, dated time?
SELECT h.id, h.at, a.name AS actor, h.kind, h.how, h.reason, h.dated
  FROM certificate_change h LEFT JOIN account a ON a.id = h.actor_id
 WHERE h.certificate_id = :certificate AND h.tenant_id = :tenant ORDER BY h.id LIMIT :limit

-- name: cert_contact
-- does: where news about a certificate go: the subscriber's address, else the application's
-- role: portal worker ctl
-- in: id certificate_id, tenant tenant_id
-- row: email text(254)?, lang text(2)?, account account_id?
SELECT COALESCE(a.email, p.contact) AS email, COALESCE(a.lang, p.lang) AS lang, a.id
  FROM certificate c
  LEFT JOIN application p ON p.id = c.application_id
  LEFT JOIN account a ON a.id = COALESCE(c.account_id, c.requested_by) AND a.state <> 'closed'
 WHERE c.id = :id AND c.tenant_id = :tenant

-- name: cert_renewing
-- does: whether an application to renew a certificate is open
-- role: portal worker ctl
-- in: id certificate_id, tenant tenant_id
-- row: found bool
SELECT EXISTS (SELECT 1 FROM application WHERE renews = :id AND tenant_id = :tenant
   AND state IN ('waiting', 'returned', 'held', 'approved')) AS found

-- name: cert_renewed
-- does: which certificate a new one replaces
-- role: worker
-- in: id certificate_id
-- row: old certificate_id?, tenant tenant_id
SELECT p.renews, p.tenant_id FROM certificate c JOIN application p ON p.id = c.application_id
 WHERE c.id = :id AND p.renews IS NOT NULL

-- name: cert_replaced
-- does: name the successor of a certificate; the first one stays
-- role: worker
-- in: id certificate_id, tenant tenant_id, successor certificate_id
-- out: changed
UPDATE certificate SET replaced_by = :successor
 WHERE id = :id AND tenant_id = :tenant AND (replaced_by IS NULL OR replaced_by = :successor)

-- name: cert_of_key_holder
-- does: the customer's certificate with that serial number of the issuer with that DER name
-- role: portal
-- tenant: all the request is signed with the certificate's own key, by somebody without a session
-- in: issuer bytes(1024), serial bytes(20)
-- row: id certificate_id, tenant tenant_id?, der bytes(65535)?
SELECT c.id, c.tenant_id, c.der FROM certificate c JOIN authority a ON a.id = c.authority_id
 WHERE a.subject = :issuer AND c.serial = :serial AND c.tenant_id IS NOT NULL LIMIT 1

-- name: cert_challenge_use
-- does: use up a challenge; E_CONFLICT when it was used
-- role: portal
-- in: challenge bytes32, until time
-- audit: exempt goes with the audited revocation
INSERT INTO revocation_challenge (challenge, until) VALUES (:challenge, :until)

-- name: cert_challenge_purge
-- does: forget challenges that are over anyway
-- role: worker
-- in: now time, limit u32
-- out: changed
-- audit: exempt holds nothing but digests of random numbers
DELETE FROM revocation_challenge WHERE until < :now LIMIT :limit

-- name: cert_link_add
-- does: enter a one-time link
-- role: portal worker
-- tenant: all made for an address, whoever has it
-- in: token_hash bytes32, purpose text(8), certificate certificate_id?, email text(254), now time,
--    until time
INSERT INTO certificate_link (token_hash, purpose, certificate_id, email, created_at, until)
VALUES (:token_hash, :purpose, :certificate, :email, :now, :until)

-- name: cert_link_recent
-- does: how many links for revoking went to an address of late
-- role: portal worker
-- in: email text(254), since time
-- row: n u64
SELECT COUNT(*) AS n FROM certificate_link
 WHERE email = :email AND purpose = 'revoke' AND created_at >= :since

-- name: cert_link_find
-- does: an open one-time link
-- role: portal
-- in: token_hash bytes32, purpose text(8), now time
-- row: certificate certificate_id?, email text(254), until time
SELECT certificate_id, email, until FROM certificate_link
 WHERE token_hash = :token_hash AND purpose = :purpose AND used_at IS NULL AND until > :now

-- name: cert_link_use
-- does: use a link up
-- role: portal
-- in: token_hash bytes32, now time
-- out: changed
UPDATE certificate_link SET used_at = :now
 WHERE token_hash = :token_hash AND used_at IS NULL AND until > :now

-- name: cert_link_purge
-- does: forget links that are over for a month
-- role: worker
-- in: before time, limit u32
-- out: changed
-- audit: exempt making and using them is audited
DELETE FROM certificate_link WHERE until < :before LIMIT :limit

-- name: cert_of_address
-- does: certificates in force whose registered address this is
-- role: portal worker
-- tenant: all for the holder of the address, who has proved to hold it
-- in: email text(254), now time, limit u32
-- rows: id certificate_id, tenant tenant_id?, common_name text(200), profile text(40), profile_version u32,
--    state text(10),
--    serial bytes(20)?, not_after time?
SELECT c.id, c.tenant_id, c.common_name, c.profile,
       COALESCE(c.profile_version, CAST(0 AS UNSIGNED)) AS profile_version, c.state, c.serial, c.not_after
  FROM certificate c JOIN account a ON a.id = c.account_id
 WHERE a.email = :email AND a.state <> 'closed' AND c.tenant_id IS NOT NULL
   AND c.state IN ('issued', 'suspended') AND c.not_after > :now
UNION
SELECT c.id, c.tenant_id, c.common_name, c.profile,
       COALESCE(c.profile_version, CAST(0 AS UNSIGNED)) AS profile_version, c.state, c.serial, c.not_after
  FROM account a JOIN certificate c ON c.requested_by = a.id AND c.account_id IS NULL
 WHERE a.email = :email AND a.state <> 'closed' AND c.tenant_id IS NOT NULL
   AND c.state IN ('issued', 'suspended') AND c.not_after > :now
UNION
SELECT c.id, c.tenant_id, c.common_name, c.profile,
       COALESCE(c.profile_version, CAST(0 AS UNSIGNED)) AS profile_version, c.state, c.serial, c.not_after
  FROM tenant t JOIN certificate c ON c.tenant_id = t.id AND c.email = :email AND c.account_id IS NULL
 WHERE c.state IN ('issued', 'suspended') AND c.not_after > :now
 ORDER BY id DESC LIMIT :limit
