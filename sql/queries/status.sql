-- Statements of the status slice: what relying parties may know.

-- name: status_ca
-- does: an authority's certificate
-- role: repository ctl
-- in: name text(40)
-- row: certificate bytes(8192)?
SELECT certificate FROM authority WHERE name = :name

-- name: status_crl
-- does: an authority's newest list; part 0: the complete one
-- role: repository ctl
-- in: name text(40), part u32
-- row: der bytes(67108864), this_update time, next_update time
SELECT c.der, c.this_update, c.next_update
  FROM crl c
 WHERE c.authority_id = (SELECT a.id FROM authority a WHERE a.name = :name) AND c.part = :part
 ORDER BY c.number DESC LIMIT 1

-- name: status_changes
-- does: a number that grows with every change of status
-- role: repository ctl
-- row: changes u64
SELECT CAST(COALESCE(SUM(changes), 0) AS UNSIGNED) AS changes FROM authority

-- name: status_responders
-- does: the services of one kind with their newest certificate that is valid now
-- role: repository ctl
-- tenant: all the installation's own certificates
-- in: kind text(10), now time, limit u32
-- rows: authority authority_id, key_label text(64), issuer bytes(8192)?, der bytes(65535)?,
--    not_after time?
SELECT k.authority_id, k.key_label, a.certificate AS issuer, c.der, c.not_after
  FROM service_key k
  JOIN authority a ON a.id = k.authority_id
  JOIN certificate c ON c.id = (SELECT MAX(n.id) FROM certificate n
        WHERE n.spki_sha256 = k.spki_sha256 AND n.state = 'issued'
          AND n.not_before <= :now AND n.not_after > :now)
 WHERE k.kind = :kind AND a.certificate IS NOT NULL AND c.der IS NOT NULL AND c.not_after IS NOT NULL
 ORDER BY k.id DESC LIMIT :limit

-- name: status_certificate
-- does: the status of a serial number; absent when it was never assigned
-- role: repository ctl
-- tenant: all the status of a certificate is public
-- in: authority authority_id, serial bytes(20)
-- row: state text(10), revoked_at time?, reason u32
SELECT state, revoked_at, reason FROM certificate WHERE authority_id = :authority AND serial = :serial
