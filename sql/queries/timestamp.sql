-- Statements of the timestamp slice.

-- name: timestamp_batch_add
-- does: record the tokens that a process has made since its last record
-- role: repository
-- in: first_at time, last_at time, tokens u32, record bytes(1048576)
-- audit: exempt this is the record: append only, and each token is signed
INSERT INTO timestamp_batch (first_at, last_at, tokens, record)
VALUES (:first_at, :last_at, :tokens, :record)

-- name: timestamp_key
-- does: the newest key of the timestamp authority that has a valid certificate
-- role: repository ctl
-- tenant: all the installation's own certificates
-- in: now time
-- row: key_label text(64), issuer bytes(8192)?, der bytes(65535)?
SELECT k.key_label, a.certificate AS issuer, c.der
  FROM service_key k
  JOIN authority a ON a.id = k.authority_id
  JOIN certificate c ON c.id = (SELECT MAX(n.id) FROM certificate n
        WHERE n.spki_sha256 = k.spki_sha256 AND n.state = 'issued'
          AND n.not_before <= :now AND n.not_after > :now)
 WHERE k.kind = 'tsa' AND a.certificate IS NOT NULL
 ORDER BY k.id DESC LIMIT 1

-- name: timestamp_latest
-- does: the time of the newest recorded token
-- role: repository ctl
-- row: last_at time?
SELECT MAX(last_at) AS last_at FROM timestamp_batch

-- name: timestamp_around
-- does: the records that may hold a token of that time
-- role: ctl
-- in: at time, limit u32
-- rows: record bytes(1048576)
SELECT record FROM timestamp_batch WHERE last_at >= :at AND first_at <= :at ORDER BY last_at
 LIMIT :limit
