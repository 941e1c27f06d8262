-- Statements of batches: one authorisation for several documents.

-- name: batch_add
-- does: keep an authorisation; what is sealed opens with the browser's token only
-- role: portal
-- in: public_id text(32), tenant tenant_id, account account_id, credential credential_id, sealed bytes(8388608), now time, expire_at time
-- out: id batch_id
INSERT INTO signing_batch (public_id, tenant_id, account_id, credential_id, sealed, created_at, expire_at)
VALUES (:public_id, :tenant, :account, :credential, :sealed, :now, :expire_at)

-- name: batch_item_add
-- does: put a document into an authorisation, as it is now
-- role: portal
-- tenant: all by the id of a batch that was made in the tenant
-- in: batch batch_id, seq u32, document document_id, digest bytes32
INSERT INTO signing_batch_item (batch_id, seq, document_id, digest)
VALUES (:batch, :seq, :document, :digest)

-- name: batch_of
-- does: find a person's authorisation
-- role: portal
-- in: tenant tenant_id, account account_id, public_id text(64)
-- row: id batch_id, public_id text(32), credential text(32), sealed bytes(8388608)?, created_at time, expire_at time, ended_at time?
SELECT b.id, b.public_id, k.public_id, b.sealed, b.created_at, b.expire_at, b.ended_at
FROM signing_batch b JOIN credential k ON k.id = b.credential_id
WHERE b.tenant_id = :tenant AND b.account_id = :account AND b.public_id = :public_id

-- name: batch_items
-- does: list the documents of an authorisation and what became of them
-- role: portal
-- tenant: all by the id of a batch that was found in the tenant
-- in: batch batch_id
-- rows: seq u32, document_id document_id, document text(32), filename text(255)?, digest bytes32, state text(16), reason_code text(64)?, signature text(32)?
SELECT i.seq, i.document_id, d.public_id, d.filename, i.digest, i.state, i.reason_code,
  i.signature_public_id
FROM signing_batch_item i JOIN document d ON d.id = i.document_id
WHERE i.batch_id = :batch ORDER BY i.seq LIMIT 200

-- name: batch_next
-- does: take the next document that waits; another request for it waits until this one ends
-- role: portal
-- tenant: all by the id of a batch that was found in the tenant
-- in: batch batch_id
-- row: seq u32, document_id document_id, digest bytes32
SELECT seq, document_id, digest FROM signing_batch_item
WHERE batch_id = :batch AND state = 'waiting' ORDER BY seq LIMIT 1 FOR UPDATE

-- name: batch_item_done
-- does: write down what became of a document
-- role: portal
-- tenant: all by the id of a batch that was found in the tenant
-- in: batch batch_id, seq u32, state text(16), reason_code text(64)?, signature text(32)?
-- out: changed
-- audit: exempt the signature of the same transaction, or its failure, has its audit row
UPDATE signing_batch_item SET state = :state, reason_code = :reason_code,
  signature_public_id = :signature
WHERE batch_id = :batch AND seq = :seq AND state = 'waiting'

-- name: batch_end
-- does: end an authorisation: what is sealed goes
-- role: portal
-- tenant: all by the id of a batch that was found in the tenant
-- in: batch batch_id, now time
-- out: changed
-- audit: exempt housekeeping; signatures and a person's stop have audit rows of their own
UPDATE signing_batch SET ended_at = :now, sealed = NULL WHERE id = :batch AND ended_at IS NULL

-- name: batch_expire
-- does: end authorisations whose time is over
-- role: worker
-- in: now time, most u32
-- out: changed
-- audit: exempt housekeeping of expired authorisations
UPDATE signing_batch SET ended_at = :now, sealed = NULL
WHERE ended_at IS NULL AND expire_at <= :now LIMIT :most

-- name: batch_purge
-- does: forget ended authorisations
-- role: worker
-- in: before time, most u32
-- out: changed
-- audit: exempt housekeeping; the signatures' records stay
DELETE FROM signing_batch WHERE created_at < :before LIMIT :most
