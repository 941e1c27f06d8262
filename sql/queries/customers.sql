-- customers.sql - statements of the customers slice.

-- name: customer_terms
-- does: set where the service runs for a customer, and the term of the contract
-- role: portal ctl
-- in: tenant tenant_id, name text(120), hosting text(10), start time?, until time?, now time
-- out: changed
UPDATE tenant SET name = :name, hosting = :hosting, contract_start = :start, contract_end = :until,
    ended_at = IF(:until IS NULL OR :until > :now, NULL, ended_at)
WHERE id = :tenant AND kind = 'customer'

-- name: customer_get
-- does: a customer with the term of its contract
-- role: portal ctl
-- in: tenant tenant_id
-- row: code text(40), name text(120), hosting text(10), start time?, until time?, ended_at time?, created_at time
SELECT code, name, hosting, contract_start, contract_end, ended_at, created_at
FROM tenant WHERE id = :tenant AND kind = 'customer'

-- name: customer_list
-- does: customers by name, code or end of the contract, with what waits there
-- role: portal
-- tenant: all provider staff see all customers
-- in: q text(300), service text(16), state text(8), sort text(8), now time, soon time, limit u32, offset u32
-- rows: id tenant_id, code text(40), name text(120), start time?, until time?, ended_at time?, people u64, locked u64
SELECT t.id, t.code, t.name, t.contract_start, t.contract_end, t.ended_at,
    CAST(COALESCE((SELECT COUNT(*) FROM account a WHERE a.tenant_id = t.id AND a.state <> 'closed'), 0)
        AS UNSIGNED) AS people,
    CAST(COALESCE((SELECT COUNT(*) FROM account a WHERE a.tenant_id = t.id AND a.state = 'locked'), 0)
        AS UNSIGNED) AS locked
FROM tenant t
WHERE t.kind = 'customer' AND (:q = '' OR t.name LIKE :q ESCAPE '|' OR t.code LIKE :q ESCAPE '|')
  AND (:service = '' OR EXISTS (SELECT 1 FROM tenant_service s WHERE s.tenant_id = t.id AND s.service = :service))
  AND (:state = '' OR (:state = 'ended' AND t.contract_end <= :now)
    OR (:state = 'soon' AND t.contract_end > :now AND t.contract_end <= :soon)
    OR (:state = 'later' AND t.contract_start > :now)
    OR (:state = 'force' AND (t.contract_end IS NULL OR t.contract_end > :now)
        AND (t.contract_start IS NULL OR t.contract_start <= :now)))
ORDER BY CASE WHEN :sort = 'name' THEN t.name END, CASE WHEN :sort = '-name' THEN t.name END DESC,
    CASE WHEN :sort = 'code' THEN t.code END, CASE WHEN :sort = '-code' THEN t.code END DESC,
    CASE WHEN :sort = 'end' THEN COALESCE(t.contract_end, '9999-01-01') END,
    CASE WHEN :sort = '-end' THEN COALESCE(t.contract_end, '9999-01-01') END DESC, t.id
LIMIT :limit OFFSET :offset

-- name: customer_count
-- does: how many customers the filter finds
-- role: portal
-- tenant: all provider staff see all customers
-- in: q text(300), service text(16), state text(8), now time, soon time
-- row: n u64
SELECT COUNT(*) AS n FROM tenant t
WHERE t.kind = 'customer' AND (:q = '' OR t.name LIKE :q ESCAPE '|' OR t.code LIKE :q ESCAPE '|')
  AND (:service = '' OR EXISTS (SELECT 1 FROM tenant_service s WHERE s.tenant_id = t.id AND s.service = :service))
  AND (:state = '' OR (:state = 'ended' AND t.contract_end <= :now)
    OR (:state = 'soon' AND t.contract_end > :now AND t.contract_end <= :soon)
    OR (:state = 'later' AND t.contract_start > :now)
    OR (:state = 'force' AND (t.contract_end IS NULL OR t.contract_end > :now)
        AND (t.contract_start IS NULL OR t.contract_start <= :now)))

-- name: customer_service_list
-- does: services in a customer's contract
-- role: portal ctl
-- in: tenant tenant_id, limit u32
-- rows: service text(16)
SELECT service FROM tenant_service WHERE tenant_id = :tenant ORDER BY service LIMIT :limit

-- name: customer_service_add
-- does: add a service to the contract
-- role: portal ctl
-- in: tenant tenant_id, service text(16), now time
INSERT INTO tenant_service (tenant_id, service, added_at) VALUES (:tenant, :service, :now)

-- name: customer_service_drop
-- does: take a service out of the contract
-- role: portal ctl
-- in: tenant tenant_id, service text(16)
-- out: changed
DELETE FROM tenant_service WHERE tenant_id = :tenant AND service = :service

-- name: customer_contact_list
-- does: contact persons of a customer
-- role: portal ctl
-- in: tenant tenant_id, limit u32
-- rows: id contact_id, name text(120), phone text(30), email text(254), purpose text(40), added_at time
SELECT id, name, phone, email, purpose, added_at FROM tenant_contact
WHERE tenant_id = :tenant ORDER BY id LIMIT :limit

-- name: customer_contact_add
-- does: add a contact person: three items and no more (P1-20)
-- role: portal ctl
-- in: tenant tenant_id, name text(120), phone text(30), email text(254), now time, by account_id?
-- out: id contact_id
INSERT INTO tenant_contact (tenant_id, name, phone, email, added_at, added_by)
VALUES (:tenant, :name, :phone, :email, :now, :by)

-- name: customer_contact_drop
-- does: delete a contact person
-- role: portal
-- in: tenant tenant_id, contact contact_id
-- out: changed
DELETE FROM tenant_contact WHERE tenant_id = :tenant AND id = :contact

-- name: customer_name_list
-- does: names that a customer may have certified
-- role: portal ctl
-- in: tenant tenant_id, limit u32
-- rows: id namespace_id, kind text(4), value text(253), evidence text(500), added_at time, added_by text(120)
SELECT n.id, n.kind, n.value, n.evidence, n.added_at, COALESCE(a.name, '') AS added_by
FROM tenant_namespace n LEFT JOIN account a ON a.id = n.added_by
WHERE n.tenant_id = :tenant ORDER BY n.kind, n.value LIMIT :limit

-- name: customer_name_get
-- does: one such name
-- role: portal
-- in: tenant tenant_id, name namespace_id
-- row: kind text(4), value text(253)
SELECT kind, value FROM tenant_namespace WHERE tenant_id = :tenant AND id = :name

-- name: customer_name_add
-- does: add a name that a customer may have certified
-- role: portal ctl
-- in: tenant tenant_id, kind text(4), value text(253), evidence text(500), now time, by account_id?
-- out: id namespace_id
INSERT INTO tenant_namespace (tenant_id, kind, value, evidence, added_at, added_by)
VALUES (:tenant, :kind, :value, :evidence, :now, :by)

-- name: customer_name_drop
-- does: take a name away from a customer
-- role: portal
-- in: tenant tenant_id, name namespace_id
-- out: changed
DELETE FROM tenant_namespace WHERE tenant_id = :tenant AND id = :name

-- name: customer_act_add
-- does: note on whose word staff acted for a customer (P1-10)
-- role: portal ctl
-- in: receipt text(16), tenant tenant_id, kind text(16), authority text(12), note text(500), object text(300), by account_id?, now time
INSERT INTO tenant_act (receipt, tenant_id, kind, authority, note, object, actor_id, at)
VALUES (:receipt, :tenant, :kind, :authority, :note, :object, :by, :now)

-- name: customer_act_list
-- does: what staff did for a customer, the last first
-- role: portal
-- in: tenant tenant_id, limit u32
-- rows: receipt text(16), kind text(16), authority text(12), note text(500), object text(300), actor text(120), at time
SELECT c.receipt, c.kind, c.authority, c.note, c.object, COALESCE(a.name, '') AS actor, c.at
FROM tenant_act c LEFT JOIN account a ON a.id = c.actor_id
WHERE c.tenant_id = :tenant ORDER BY c.id DESC LIMIT :limit

-- name: customer_act_get
-- does: one act by its receipt number
-- role: portal
-- in: tenant tenant_id, receipt text(16)
-- row: kind text(16), at time
SELECT kind, at FROM tenant_act WHERE tenant_id = :tenant AND receipt = :receipt
