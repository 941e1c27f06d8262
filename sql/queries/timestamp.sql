-- Statements of the timestamp slice.

-- name: timestamp_batch_add
-- does: record the tokens that a process has made since its last record
-- role: repository
-- in: first_at time, last_at time, tokens u32, record bytes(1048576)
-- audit: exempt this is the record: append only, and each token is signed
INSERT INTO timestamp_batch (first_at, last_at, tokens, record)
VALUES (:first_at, :last_at, :tokens, :record)

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
