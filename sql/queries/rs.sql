-- Statements of the rs slice: notices to customers' systems, asynchronous jobs, batches.

-- name: rs_webhook_get
-- does: where a client wants to be told
-- role: portal signapi signer
-- in: tenant tenant_id, client client_id
-- row: url text(1000), secret bytes(128), failures u32, hold_until time?, created_at time, secret_at time
SELECT url, secret, failures, hold_until, created_at, secret_at
FROM rs_webhook WHERE tenant_id = :tenant AND client_id = :client

-- name: rs_webhook_of
-- does: the same by the client alone, for events
-- role: portal signapi signer worker
-- tenant: all the client tells the tenant
-- in: client client_id
-- row: tenant_id tenant_id, url text(1000), secret bytes(128), failures u32, hold_until time?
SELECT tenant_id, url, secret, failures, hold_until FROM rs_webhook WHERE client_id = :client

-- name: rs_webhook_add
-- does: register where a client wants to be told
-- role: portal signapi
-- in: client client_id, tenant tenant_id, url text(1000), secret bytes(128), now time
INSERT INTO rs_webhook (client_id, tenant_id, url, secret, created_at, secret_at)
VALUES (:client, :tenant, :url, :secret, :now, :now)

-- name: rs_webhook_url
-- does: change the place; what was held goes out again
-- role: portal signapi
-- in: tenant tenant_id, client client_id, url text(1000)
-- out: changed
UPDATE rs_webhook SET url = :url, failures = 0, hold_until = NULL
WHERE tenant_id = :tenant AND client_id = :client

-- name: rs_webhook_secret
-- does: replace the secret
-- role: portal signapi
-- in: tenant tenant_id, client client_id, secret bytes(128), now time
-- out: changed
UPDATE rs_webhook SET secret = :secret, secret_at = :now
WHERE tenant_id = :tenant AND client_id = :client

-- name: rs_webhook_drop
-- does: tell a client nothing any more
-- role: portal signapi
-- in: tenant tenant_id, client client_id
-- out: changed
DELETE FROM rs_webhook WHERE tenant_id = :tenant AND client_id = :client

-- name: rs_webhook_answered
-- does: note that it took a notice
-- role: signer
-- in: client client_id
-- audit: exempt what was sent is in the delivery log
UPDATE rs_webhook SET failures = 0, hold_until = NULL
WHERE client_id = :client AND (failures > 0 OR hold_until IS NOT NULL)

-- name: rs_webhook_silent
-- does: note that it did not answer: send it nothing for a while
-- role: signer
-- in: client client_id, until time
-- audit: exempt what was sent is in the delivery log
UPDATE rs_webhook SET failures = failures + 1, hold_until = :until WHERE client_id = :client

-- name: rs_delivery_add
-- does: write a notice down
-- role: portal signapi signer worker
-- in: public_id text(32), client client_id, event text(64), body text(8000), now time
INSERT INTO rs_delivery (public_id, client_id, event, body, created_at)
VALUES (:public_id, :client, :event, :body, :now)

-- name: rs_delivery_get
-- does: a notice to be sent
-- role: signer
-- in: public_id text(32)
-- row: client_id client_id, event text(64), body text(8000), state text(16), attempts u32
SELECT client_id, event, body, state, attempts FROM rs_delivery WHERE public_id = :public_id

-- name: rs_delivery_done
-- does: note that a notice was taken
-- role: signer
-- in: public_id text(32), now time
-- audit: exempt it is the delivery log itself
UPDATE rs_delivery SET state = 'delivered', attempts = attempts + 1, last_reason = NULL, last_at = :now
WHERE public_id = :public_id

-- name: rs_delivery_missed
-- does: note an attempt that failed
-- role: signer
-- in: public_id text(32), state text(16), reason text(64), now time
-- audit: exempt it is the delivery log itself
UPDATE rs_delivery SET state = :state, attempts = attempts + 1, last_reason = :reason, last_at = :now
WHERE public_id = :public_id

-- name: rs_delivery_again
-- does: send a notice that was given up once more
-- role: portal signapi
-- in: client client_id, public_id text(32)
-- out: changed
UPDATE rs_delivery SET state = 'queued' WHERE client_id = :client AND public_id = :public_id AND state = 'failed'

-- name: rs_delivery_list
-- does: a client's notices, newest first
-- role: portal signapi
-- in: client client_id, limit u32, offset u32
-- rows: public_id text(32), event text(64), body text(8000), state text(16), attempts u32, last_reason text(64)?, created_at time, last_at time?
SELECT public_id, event, body, state, attempts, last_reason, created_at, last_at
FROM rs_delivery WHERE client_id = :client ORDER BY id DESC LIMIT :limit OFFSET :offset

-- name: rs_delivery_purge
-- does: forget notices of long ago
-- role: signer
-- in: before time
-- out: changed
-- audit: exempt a log of technical notices, kept for 30 days
DELETE FROM rs_delivery WHERE created_at < :before LIMIT 1000

-- name: rs_job_add
-- does: keep a request for the signer
-- role: signapi
-- tenant: all the owner and the document were found in the tenant
-- in: public_id text(32), tenant tenant_id, client client_id, batch text(32)?, kind text(16), document text(32), options bytes(20000), now time
-- out: changed
INSERT INTO rs_job (public_id, tenant_id, client_id, batch_id, kind, document_id, document_public_id, options,
  created_at)
SELECT :public_id, :tenant, :client, (SELECT b.id FROM rs_batch b WHERE b.public_id = :batch), :kind, d.id,
  d.public_id, :options, :now
FROM document d WHERE d.public_id = :document AND d.client_id = :client AND d.tenant_id = :tenant

-- name: rs_job_get
-- does: a client's job
-- role: signapi
-- in: tenant tenant_id, client client_id, public_id text(64)
-- row: public_id text(32), kind text(16), state text(16), reason_code text(64)?, record text(32)?, document text(32), attempts u32, created_at time, ended_at time?
SELECT public_id, kind, state, reason_code, record, document_public_id, attempts, created_at, ended_at
FROM rs_job WHERE tenant_id = :tenant AND client_id = :client AND public_id = :public_id

-- name: rs_job_load
-- does: a job to be done
-- role: signer
-- in: public_id text(32)
-- row: tenant_id tenant_id, client_id client_id, kind text(16), state text(16), document text(32), options bytes(20000)?
SELECT tenant_id, client_id, kind, state, document_public_id, options FROM rs_job WHERE public_id = :public_id

-- name: rs_job_begin
-- does: note that a job runs, unless it was cancelled
-- role: signer
-- in: public_id text(32)
-- out: changed
-- audit: exempt what becomes of it has its audit row
UPDATE rs_job SET state = 'running', attempts = attempts + 1
WHERE public_id = :public_id AND state IN ('queued', 'running')

-- name: rs_job_end
-- does: note how a job ended; its options go
-- role: signapi signer
-- tenant: all by the id of a job that was found
-- in: public_id text(32), state text(16), reason text(64)?, record text(32)?, now time
-- out: changed
UPDATE rs_job SET state = :state, reason_code = :reason, record = :record, options = NULL, ended_at = :now
WHERE public_id = :public_id AND ended_at IS NULL

-- name: rs_job_wait
-- does: note that a job will be tried again
-- role: signer
-- in: public_id text(32), reason text(64)?
-- out: changed
-- audit: exempt what becomes of it has its audit row
UPDATE rs_job SET state = 'queued', reason_code = :reason WHERE public_id = :public_id AND ended_at IS NULL

-- name: rs_job_cancel
-- does: withdraw a job that has not begun
-- role: signapi
-- in: tenant tenant_id, client client_id, public_id text(32), now time
-- out: changed
UPDATE rs_job SET state = 'cancelled', options = NULL, ended_at = :now
WHERE tenant_id = :tenant AND client_id = :client AND public_id = :public_id AND state = 'queued'

-- name: rs_job_list
-- does: a client's jobs and what was done at once, newest first
-- role: signapi
-- in: tenant tenant_id, client client_id, state text(16), before time, before_id text(64), limit u32
-- rows: public_id text(32), kind text(16), state text(16), level text(8)?, at time
SELECT x.public_id, x.kind, x.state, x.level, x.at FROM (
  (SELECT j.public_id, j.kind, j.state, NULL AS level, j.created_at AS at FROM rs_job j
   WHERE j.tenant_id = :tenant AND j.client_id = :client AND (:state = '' OR j.state = :state)
     AND (j.created_at < :before OR (j.created_at = :before AND j.public_id < :before_id))
   ORDER BY j.created_at DESC, j.public_id DESC LIMIT :limit)
  UNION ALL
  (SELECT s.public_id, s.kind, s.outcome, s.level, s.requested_at FROM signature s
   WHERE s.tenant_id = :tenant AND s.client_id = :client AND (:state = '' OR s.outcome = :state)
     AND (s.requested_at < :before OR (s.requested_at = :before AND s.public_id < :before_id))
     AND NOT EXISTS (SELECT 1 FROM rs_job o WHERE o.public_id = s.request_id)
   ORDER BY s.requested_at DESC, s.public_id DESC LIMIT :limit)
) x ORDER BY x.at DESC, x.public_id DESC LIMIT :limit

-- name: rs_job_purge
-- does: forget jobs of long ago; their records stay
-- role: signer
-- in: before time
-- out: changed
-- audit: exempt the records of signatures stay for seven years
DELETE FROM rs_job WHERE ended_at < :before LIMIT 1000

-- name: rs_batch_add
-- does: keep what became of the items of one request
-- role: signapi
-- in: public_id text(32), tenant tenant_id, client client_id, items text(60000), now time
INSERT INTO rs_batch (public_id, tenant_id, client_id, items, created_at)
VALUES (:public_id, :tenant, :client, :items, :now)

-- name: rs_batch_items
-- does: fill in the items of a batch that was just begun
-- role: signapi
-- in: tenant tenant_id, client client_id, public_id text(32), items text(60000)
UPDATE rs_batch SET items = :items WHERE tenant_id = :tenant AND client_id = :client AND public_id = :public_id

-- name: rs_batch_get
-- does: a client's batch
-- role: signapi
-- in: tenant tenant_id, client client_id, public_id text(64)
-- row: items text(60000), created_at time
SELECT items, created_at FROM rs_batch
WHERE tenant_id = :tenant AND client_id = :client AND public_id = :public_id

-- name: rs_batch_purge
-- does: forget batches of long ago whose jobs are forgotten
-- role: signer
-- in: before time
-- out: changed
-- audit: exempt the records of signatures stay for seven years
DELETE FROM rs_batch WHERE created_at < :before
  AND NOT EXISTS (SELECT 1 FROM rs_job j WHERE j.batch_id = rs_batch.id) LIMIT 1000

-- name: rs_repeat_drop
-- does: forget a key whose day is over
-- role: signapi
-- in: client client_id, key_hash bytes32, now time
-- out: changed
-- audit: exempt bookkeeping of requests
DELETE FROM rs_repeat WHERE client_id = :client AND key_hash = :key_hash AND expire_at <= :now

-- name: rs_repeat_add
-- does: claim an idempotency key
-- role: signapi
-- in: client client_id, key_hash bytes32, request_digest bytes32, expire_at time
-- audit: exempt bookkeeping of requests
INSERT INTO rs_repeat (client_id, key_hash, request_digest, expire_at)
VALUES (:client, :key_hash, :request_digest, :expire_at)

-- name: rs_repeat_get
-- does: what a request with this key was answered
-- role: signapi
-- in: client client_id, key_hash bytes32
-- row: request_digest bytes32, status u32, location text(255)?, answer text(60000)?
SELECT request_digest, status, location, answer FROM rs_repeat WHERE client_id = :client AND key_hash = :key_hash

-- name: rs_repeat_keep
-- does: keep the answer of a request that had a key
-- role: signapi
-- in: client client_id, key_hash bytes32, status u32, location text(255)?, answer text(60000)?
-- audit: exempt bookkeeping of requests
UPDATE rs_repeat SET status = :status, location = :location, answer = :answer
WHERE client_id = :client AND key_hash = :key_hash

-- name: rs_repeat_purge
-- does: forget keys whose day is over
-- role: signer
-- in: now time
-- out: changed
-- audit: exempt bookkeeping of requests
DELETE FROM rs_repeat WHERE expire_at < :now LIMIT 1000
