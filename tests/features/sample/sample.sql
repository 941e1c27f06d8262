-- Statements of the store's own tests, over tables that test_store.c makes.

-- name: sample_add
-- does: add a row of every type
-- role: portal
-- in: code text(20), note text(10)?, body bytes(100)?, hash bytes32, flag bool, small u32, big u64,
--     balance i64, at time?, owner account_id?
-- out: id document_id
INSERT INTO sample (code, note, body, hash, flag, small, big, balance, at, owner)
VALUES (:code, :note, :body, :hash, :flag, :small, :big, :balance, :at, :owner)

-- name: sample_get
-- does: read it back
-- role: portal worker
-- in: id document_id
-- row: code text(20), note text(10)?, body bytes(100)?, hash bytes32, flag bool, small u32, big u64,
--      balance i64, at time?, owner account_id?
SELECT code, note, body, hash, flag, small, big, balance, at, owner FROM sample WHERE id = :id

-- name: sample_wide
-- does: a declaration that is narrower than the data
-- role: portal
-- in: id document_id
-- row: code text(3), body bytes(2)?, big u32
SELECT code, body, big FROM sample WHERE id = :id

-- name: sample_twice
-- does: a parameter that is used twice, and two rows where one was promised
-- role: portal
-- in: code text(20)
-- row: code text(20)
SELECT code FROM sample WHERE code >= :code OR code = :code

-- name: sample_list
-- does: all of them
-- role: portal
-- in: after text(20), limit u32
-- rows: id document_id, code text(20)
SELECT id, code FROM sample WHERE code > :after ORDER BY code LIMIT :limit

-- name: sample_change
-- does: an ordinary write
-- role: portal
-- in: id document_id, balance i64
-- out: changed
UPDATE sample SET balance = :balance WHERE id = :id

-- name: sample_touch
-- does: a write without audit
-- role: portal worker
-- in: id document_id
-- out: changed
-- audit: exempt a counter of the test
UPDATE sample SET small = small + 1 WHERE id = :id

-- name: sample_returning
-- does: a write that yields a row
-- role: portal
-- in: code text(20), hash bytes32
-- row: id document_id, code text(20)
INSERT INTO sample (code, hash) VALUES (:code, :hash) RETURNING id, code

-- name: sample_worker_only
-- does: something that the portal may not do
-- role: worker
-- in: id document_id
-- out: changed
-- audit: exempt for the test
DELETE FROM sample WHERE id = :id

-- name: sample_log_add
-- does: append to a log
-- role: portal
-- in: line text(100)
-- audit: exempt for the test
INSERT INTO sample_log (line) VALUES (:line)

-- name: sample_log_count
-- does: count the log
-- role: portal
-- in: line text(100)
-- row: n u64
SELECT COUNT(line) FROM sample_log WHERE line = :line
