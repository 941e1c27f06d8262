-- audit.sql - statements of the audit slice. Programs insert and select; nothing here updates or deletes.

-- name: audit_event_add
-- does: add one row to the audit log
-- role: portal signapi acme repository worker gateway ctl signer
-- in: nonce bytes(16), at time, category u32, tenant tenant_id?, account account_id?, client client_id?, actor_name text(200)?, action text(80), object_kind text(40)?, object text(80)?, outcome u32, address text(45)?, request text(64)?, detail text(65535)?, row_hash bytes32
-- out: id audit_id
-- audit: exempt it is the audit row itself
INSERT INTO audit_event (nonce, at, category, tenant_id, account_id, client_id, actor_name, action,
    object_kind, object_id, outcome, address, request_id, detail, row_hash)
VALUES (:nonce, :at, :category, :tenant, :account, :client, :actor_name, :action,
    :object_kind, :object, :outcome, :address, :request, :detail, :row_hash)

-- name: audit_event_list
-- does: one page of the log for an auditor, newest first
-- role: portal ctl
-- tenant: all provider auditors pass 0 and see every tenant, all others pass their own
-- in: tenant u64, from_at time, to_at time, actor text(200), actor_id u64, action text(80), object_kind text(40), object text(80), any_outcome bool, outcome u32, before u64, limit u32
-- rows: id audit_id, at time, category u32, tenant tenant_id?, account account_id?, client client_id?, actor_name text(200)?, action text(80), object_kind text(40)?, object text(80)?, outcome u32, address text(45)?, request text(64)?, detail text(65535)?, sealed bool
SELECT e.id, e.at, e.category, e.tenant_id, e.account_id, e.client_id, e.actor_name, e.action,
    e.object_kind, e.object_id, e.outcome, e.address, e.request_id, e.detail,
    EXISTS (SELECT 1 FROM audit_seal_member m WHERE m.event_id = e.id) AS sealed
FROM audit_event e
WHERE (:tenant = 0 OR e.tenant_id = :tenant)
  AND e.at >= :from_at AND e.at < :to_at
  AND (:actor = '' OR e.actor_name LIKE CONCAT('%', :actor, '%') ESCAPE '|' OR e.account_id = :actor_id)
  AND (:action = '' OR e.action LIKE CONCAT(:action, '%') ESCAPE '|')
  AND (:object_kind = '' OR e.object_kind = :object_kind)
  AND (:object = '' OR e.object_id = :object)
  AND (:any_outcome OR e.outcome = :outcome)
  AND e.id < :before
ORDER BY e.id DESC
LIMIT :limit

-- name: audit_event_unsealed
-- does: rows above the floor that no seal holds yet, in id order
-- role: worker ctl
-- in: floor u64, limit u32
-- rows: id audit_id, nonce bytes(16), at time, category u32, tenant tenant_id?, account account_id?, client client_id?, actor_name text(200)?, action text(80), object_kind text(40)?, object text(80)?, outcome u32, address text(45)?, request text(64)?, detail text(65535)?, row_hash bytes32
SELECT e.id, e.nonce, e.at, e.category, e.tenant_id, e.account_id, e.client_id, e.actor_name, e.action,
    e.object_kind, e.object_id, e.outcome, e.address, e.request_id, e.detail, e.row_hash
FROM audit_event e LEFT JOIN audit_seal_member m ON m.event_id = e.id
WHERE e.id > :floor AND m.event_id IS NULL
ORDER BY e.id LIMIT :limit

-- name: audit_seal_members
-- does: the rows that a seal holds, as they are now; absent columns where the row is gone
-- role: worker ctl
-- in: number u64, after u64, limit u32
-- rows: member u64, id audit_id?, nonce bytes(16)?, at time?, category u32, tenant tenant_id?, account account_id?, client client_id?, actor_name text(200)?, action text(80)?, object_kind text(40)?, object text(80)?, outcome u32, address text(45)?, request text(64)?, detail text(65535)?, row_hash bytes(32)?
SELECT m.event_id, e.id, e.nonce, e.at, CAST(COALESCE(e.category, 0) AS UNSIGNED), e.tenant_id, e.account_id, e.client_id,
    e.actor_name, e.action, e.object_kind, e.object_id, CAST(COALESCE(e.outcome, 0) AS UNSIGNED), e.address, e.request_id,
    e.detail, e.row_hash
FROM audit_seal_member m LEFT JOIN audit_event e ON e.id = m.event_id
WHERE m.seal_number = :number AND m.event_id > :after
ORDER BY m.event_id LIMIT :limit

-- name: audit_seal_last
-- does: the newest seal
-- role: worker ctl portal
-- row: number u64, sealed_at time, last_id u64, chain bytes32
SELECT number, sealed_at, last_id, chain FROM audit_seal ORDER BY number DESC LIMIT 1

-- name: audit_seal_floor
-- does: the last row that seals made up to a time hold: no transaction of then can still be open
-- role: worker ctl
-- in: until time
-- row: floor u64
SELECT CAST(COALESCE(MAX(last_id), 0) AS UNSIGNED) AS floor FROM audit_seal WHERE sealed_at <= :until

-- name: audit_seal_list
-- does: seals in order, to be judged
-- role: ctl worker
-- in: after u64, limit u32
-- rows: number u64, sealed_at time, floor u64, first_id u64, last_id u64, event_count u64, digest bytes32, previous bytes32, chain bytes32, key_name text(80)?, signature bytes(4096)?, token bytes(65535)?
SELECT number, sealed_at, floor_id, first_id, last_id, event_count, digest, previous, chain, key_name,
    signature, token
FROM audit_seal WHERE number > :after ORDER BY number LIMIT :limit

-- name: audit_seal_strangers
-- does: members of seals that do not exist
-- role: ctl worker
-- in: limit u32
-- rows: event u64, number u64
SELECT m.event_id, m.seal_number
FROM audit_seal_member m LEFT JOIN audit_seal s ON s.number = m.seal_number
WHERE s.number IS NULL ORDER BY m.event_id LIMIT :limit

-- name: audit_seal_add
-- does: store a seal
-- role: worker
-- in: number u64, sealed_at time, floor u64, first_id u64, last_id u64, event_count u64, digest bytes32, previous bytes32, chain bytes32, key_name text(80)?, signature bytes(4096)?, token bytes(65535)?
-- audit: exempt a seal is about the audit log and leaves the chain itself as evidence
INSERT INTO audit_seal (number, sealed_at, floor_id, first_id, last_id, event_count, digest, previous,
    chain, key_name, signature, token)
VALUES (:number, :sealed_at, :floor, :first_id, :last_id, :event_count, :digest, :previous,
    :chain, :key_name, :signature, :token)

-- name: audit_seal_member_add
-- does: note that a seal holds a row
-- role: worker
-- in: event u64, number u64
-- audit: exempt part of a seal
INSERT INTO audit_seal_member (event_id, seal_number) VALUES (:event, :number)
