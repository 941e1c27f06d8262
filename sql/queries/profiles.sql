-- Statements of the profiles slice: certificate profiles, namespaces of customers, blocked keys.

-- name: profile_find
-- does: a version of a profile, or with 0 the current one
-- role: portal signapi worker ctl signer
-- in: name text(40), version u32
-- row: version u32, state text(8), digest bytes32, newest bool
SELECT p.version, p.state, p.digest,
       NOT EXISTS (SELECT 1 FROM profile q WHERE q.name = p.name AND q.version > p.version) AS newest
  FROM profile p
 WHERE p.name = :name AND (p.version = :version OR :version = 0)
 ORDER BY p.version DESC LIMIT 1

-- name: profile_body
-- does: the document of a version
-- role: portal signapi worker ctl signer
-- in: name text(40), version u32
-- row: body text(65536)
SELECT body FROM profile WHERE name = :name AND version = :version

-- name: profile_for_tenant
-- does: current versions of the profiles whose service is in a customer's contract, while that runs
-- role: portal signapi worker ctl
-- in: tenant tenant_id, limit u32
-- rows: name text(40), version u32, state text(8), digest bytes32
SELECT p.name, p.version, p.state, p.digest
  FROM profile p JOIN tenant_service s ON s.service = p.service JOIN tenant t ON t.id = s.tenant_id
 WHERE s.tenant_id = :tenant AND p.state = 'active' AND t.ended_at IS NULL
   AND (t.contract_start IS NULL OR t.contract_start <= UTC_TIMESTAMP(6))
   AND (t.contract_end IS NULL OR t.contract_end > UTC_TIMESTAMP(6))
   AND p.version = (SELECT MAX(q.version) FROM profile q WHERE q.name = p.name)
 ORDER BY p.name LIMIT :limit

-- name: profile_all
-- does: the current version of every profile
-- role: portal worker ctl
-- in: limit u32
-- rows: name text(40), version u32, state text(8), digest bytes32
SELECT p.name, p.version, p.state, p.digest FROM profile p
 WHERE p.version = (SELECT MAX(q.version) FROM profile q WHERE q.name = p.name)
 ORDER BY p.name LIMIT :limit

-- name: profile_add
-- does: enter the next version of a profile
-- role: ctl
-- in: name text(40), version u32, class text(12), service text(16), cps text(40), body text(65536),
--    digest bytes32, now time, loaded_by text(120)
INSERT INTO profile (name, version, class, service, cps, body, digest, loaded_at, loaded_by)
VALUES (:name, :version, :class, :service, :cps, :body, :digest, :now, :loaded_by)

-- name: profile_set_state
-- does: retire a version, or take it back
-- role: ctl
-- in: name text(40), version u32, state text(8)
-- out: changed
UPDATE profile SET state = :state WHERE name = :name AND version = :version

-- name: profile_namespaces
-- does: what a customer may have certified
-- role: portal worker ctl
-- in: tenant tenant_id, limit u32
-- rows: kind text(4), value text(253)
SELECT kind, value FROM tenant_namespace WHERE tenant_id = :tenant ORDER BY id LIMIT :limit

-- name: profile_origin
-- does: what fields of an application are filled with
-- role: portal worker ctl
-- in: tenant tenant_id, account account_id?
-- row: name text(120)?, email text(254)?, login text(254)?, org text(253)
SELECT a.name, a.email, a.login,
       COALESCE((SELECT n.value FROM tenant_namespace n
                  WHERE n.tenant_id = t.id AND n.kind = 'org' ORDER BY n.id LIMIT 1), t.name)
  FROM tenant t LEFT JOIN account a ON a.tenant_id = t.id AND a.id = :account
 WHERE t.id = :tenant

-- name: profile_key_uses
-- does: whether a key is in a certificate or an application, of somebody else or of the same person
-- role: portal worker ctl
-- tenant: all a key shared between customers is what is looked for; nothing of the row is shown
-- in: spki_sha256 bytes32, tenant tenant_id?, account account_id?
-- row: elsewhere bool, here bool
SELECT EXISTS (SELECT 1 FROM certificate WHERE spki_sha256 = :spki_sha256
          AND NOT (tenant_id <=> :tenant AND account_id <=> :account) AND state <> 'refused')
    OR EXISTS (SELECT 1 FROM application WHERE spki_sha256 = :spki_sha256
          AND NOT (tenant_id <=> :tenant AND subscriber_id <=> :account)
          AND state IN ('waiting', 'returned', 'held', 'approved')) AS elsewhere,
       EXISTS (SELECT 1 FROM certificate WHERE spki_sha256 = :spki_sha256
          AND tenant_id <=> :tenant AND account_id <=> :account AND state <> 'refused') AS here

-- name: profile_key_blocked
-- does: why nobody may have a certificate for this key
-- role: portal worker ctl
-- in: spki_sha256 bytes32
-- row: reason text(20)
SELECT reason FROM blocked_key WHERE spki_sha256 = :spki_sha256

-- name: profile_key_block
-- does: block a key; done before: stays as it was
-- role: portal worker ctl
-- in: spki_sha256 bytes32, reason text(20), now time
INSERT INTO blocked_key (spki_sha256, reason, added_at) VALUES (:spki_sha256, :reason, :now)
    ON DUPLICATE KEY UPDATE spki_sha256 = spki_sha256

-- name: profile_key_weak
-- does: whether a list of weak keys names this modulus
-- role: portal worker ctl
-- in: fingerprint bytes(10)
-- row: found bool
SELECT EXISTS (SELECT 1 FROM weak_key WHERE fingerprint = :fingerprint) AS found

-- name: profile_key_weak_add
-- does: enter a modulus of a list of weak keys
-- role: ctl
-- in: fingerprint bytes(10), now time
INSERT INTO weak_key (fingerprint, added_at) VALUES (:fingerprint, :now)
    ON DUPLICATE KEY UPDATE fingerprint = fingerprint

-- name: profile_versions
-- does: the versions of a profile, newest first
-- role: portal ctl
-- in: name text(40), limit u32
-- rows: version u32, state text(8), loaded_at time, loaded_by text(120)
SELECT version, state, loaded_at, loaded_by FROM profile WHERE name = :name
 ORDER BY version DESC LIMIT :limit

-- name: profile_contract
-- does: whether a service is in a customer's contract, while that runs
-- role: portal ctl
-- in: tenant tenant_id, service text(16)
-- row: found bool
SELECT EXISTS (SELECT 1 FROM tenant_service s JOIN tenant t ON t.id = s.tenant_id
  WHERE s.tenant_id = :tenant AND s.service = :service AND t.ended_at IS NULL
    AND (t.contract_start IS NULL OR t.contract_start <= UTC_TIMESTAMP(6))
    AND (t.contract_end IS NULL OR t.contract_end > UTC_TIMESTAMP(6))) AS found
