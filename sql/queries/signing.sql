-- Statements of the signing slice.

-- name: client_by_certificate
-- does: find the client that a connection certificate belongs to; ended: its contract is over (P3-145)
-- role: signapi ctl
-- tenant: all the certificate tells the tenant
-- in: certificate certificate_id, now time
-- row: id client_id, tenant_id tenant_id, name text(120), state text(16), personal bool, assertion_level u32, per_minute u32, max_bytes u64
SELECT c.id, c.tenant_id, c.name,
  CASE WHEN t.ended_at IS NULL AND COALESCE(t.contract_end > :now, 1) THEN c.state ELSE 'ended' END,
  c.personal, c.assertion_level, c.per_minute, c.max_bytes
FROM client_certificate x JOIN client c ON c.id = x.client_id JOIN tenant t ON t.id = c.tenant_id
WHERE x.certificate_id = :certificate

-- name: client_get
-- does: read a client
-- role: signapi ctl signer
-- tenant: all by the id that authentication found
-- in: client client_id
-- row: id client_id, tenant_id tenant_id, name text(120), state text(16), personal bool, assertion_level u32, per_minute u32, max_bytes u64
SELECT id, tenant_id, name, state, personal, assertion_level, per_minute, max_bytes
FROM client WHERE id = :client

-- name: client_list
-- does: list the API clients of a tenant
-- role: portal
-- in: tenant tenant_id
-- rows: id client_id, name text(120), state text(16), personal bool, assertion_level u32, per_minute u32, created_at time
SELECT id, name, state, personal, assertion_level, per_minute, created_at
FROM client WHERE tenant_id = :tenant ORDER BY name, id LIMIT 200

-- name: client_certificate_list
-- does: list the connection certificates of a tenant's clients, newest first
-- role: portal
-- in: tenant tenant_id
-- rows: client_id client_id, certificate_id certificate_id
SELECT x.client_id, x.certificate_id FROM client_certificate x JOIN client c ON c.id = x.client_id
WHERE c.tenant_id = :tenant ORDER BY x.certificate_id DESC LIMIT 1000

-- name: client_state_set
-- does: suspend or resume an API client
-- role: portal ctl
-- in: tenant tenant_id, client client_id, state_from text(16), state_to text(16)
-- out: changed
UPDATE client SET state = :state_to
WHERE tenant_id = :tenant AND id = :client AND state = :state_from

-- name: client_seals
-- does: list the seals that a client may use, for the customer's administrator
-- role: portal
-- in: tenant tenant_id, client client_id
-- rows: public_id text(32), label text(120), state text(16)
SELECT k.public_id, k.label, k.state FROM client_credential x JOIN credential k ON k.id = x.credential_id
WHERE x.client_id = :client AND k.tenant_id = :tenant ORDER BY k.label LIMIT 200

-- name: client_add
-- does: register a client
-- role: ctl
-- in: tenant tenant_id, name text(120), personal bool, assertion_level u32, now time
-- out: id client_id
INSERT INTO client (tenant_id, name, personal, assertion_level, created_at)
VALUES (:tenant, :name, :personal, :assertion_level, :now)

-- name: client_certificate_add
-- does: bind a connection certificate to a client
-- role: ctl
-- in: certificate certificate_id, client client_id, now time
INSERT INTO client_certificate (certificate_id, client_id, created_at)
VALUES (:certificate, :client, :now)

-- name: client_credential_add
-- does: let a client use a seal of its own tenant
-- role: ctl
-- in: client client_id, credential text(32)
-- out: changed
INSERT INTO client_credential (client_id, credential_id)
SELECT c.id, k.id FROM client c JOIN credential k ON k.tenant_id = c.tenant_id
WHERE c.id = :client AND k.public_id = :credential AND k.pin_bound = 0 AND k.purpose IS NULL

-- name: credential_add
-- does: store a new signing key with the certificate asked for it
-- role: worker ctl
-- in: public_id text(32), tenant tenant_id, account account_id?, label text(120), key_kind text(16), key_blob bytes(4096), pin_bound bool, spki bytes(1024), key_id bytes32, certificate certificate_id, now time
-- out: id credential_id
INSERT INTO credential (public_id, tenant_id, account_id, label, key_kind, key_blob, pin_bound, spki,
  key_id, certificate_id, pin_changed_at, created_at)
VALUES (:public_id, :tenant, :account, :label, :key_kind, :key_blob, :pin_bound, :spki, :key_id,
  :certificate, :now, :now)

-- name: credential_by_account
-- does: list the credentials of a person
-- role: portal ctl
-- in: tenant tenant_id, account account_id
-- rows: id credential_id, public_id text(32), tenant_id tenant_id, account_id account_id?, label text(120), key_kind text(16), key_blob bytes(4096), pin_bound bool, spki bytes(1024), key_id bytes32, certificate_id certificate_id, state text(16), pin_failures u32, pin_changed_at time?, created_at time
SELECT id, public_id, tenant_id, account_id, label, key_kind, key_blob, pin_bound, spki, key_id,
  certificate_id, state, pin_failures, pin_changed_at, created_at
FROM credential WHERE tenant_id = :tenant AND account_id = :account
ORDER BY id DESC LIMIT 100

-- name: credential_seals
-- does: list the seals of a tenant
-- role: ctl
-- in: tenant tenant_id
-- rows: id credential_id, public_id text(32), tenant_id tenant_id, account_id account_id?, label text(120), key_kind text(16), key_blob bytes(4096), pin_bound bool, spki bytes(1024), key_id bytes32, certificate_id certificate_id, state text(16), pin_failures u32, pin_changed_at time?, created_at time
SELECT id, public_id, tenant_id, account_id, label, key_kind, key_blob, pin_bound, spki, key_id,
  certificate_id, state, pin_failures, pin_changed_at, created_at
FROM credential WHERE tenant_id = :tenant AND account_id IS NULL
ORDER BY id DESC LIMIT 1000

-- name: credential_by_client
-- does: list the seals of an API client
-- role: signapi signer
-- in: tenant tenant_id, client client_id
-- rows: id credential_id, public_id text(32), tenant_id tenant_id, account_id account_id?, label text(120), key_kind text(16), key_blob bytes(4096), pin_bound bool, spki bytes(1024), key_id bytes32, certificate_id certificate_id, state text(16), pin_failures u32, pin_changed_at time?, created_at time
SELECT k.id, k.public_id, k.tenant_id, k.account_id, k.label, k.key_kind, k.key_blob, k.pin_bound,
  k.spki, k.key_id, k.certificate_id, k.state, k.pin_failures, k.pin_changed_at, k.created_at
FROM client_credential x JOIN credential k ON k.id = x.credential_id
WHERE x.client_id = :client AND k.tenant_id = :tenant
ORDER BY k.id DESC LIMIT 1000

-- name: credential_of_account
-- does: find a credential by its public id, as its owner
-- role: portal
-- in: tenant tenant_id, account account_id, public_id text(64)
-- row: id credential_id, public_id text(32), tenant_id tenant_id, account_id account_id?, label text(120), key_kind text(16), key_blob bytes(4096), pin_bound bool, spki bytes(1024), key_id bytes32, certificate_id certificate_id, state text(16), pin_failures u32, pin_changed_at time?, created_at time
SELECT id, public_id, tenant_id, account_id, label, key_kind, key_blob, pin_bound, spki, key_id,
  certificate_id, state, pin_failures, pin_changed_at, created_at
FROM credential WHERE tenant_id = :tenant AND account_id = :account AND public_id = :public_id

-- name: credential_of_client
-- does: find a credential that a client may use: its seals, and people's where it is allowed those; a
-- stopped person's is not there (P3-140, P3-141, P3-145)
-- role: signapi signer
-- in: tenant tenant_id, client client_id, public_id text(64)
-- row: id credential_id, public_id text(32), tenant_id tenant_id, account_id account_id?, label text(120), key_kind text(16), key_blob bytes(4096), pin_bound bool, spki bytes(1024), key_id bytes32, certificate_id certificate_id, state text(16), pin_failures u32, pin_changed_at time?, created_at time
SELECT k.id, k.public_id, k.tenant_id, k.account_id, k.label, k.key_kind, k.key_blob, k.pin_bound,
  k.spki, k.key_id, k.certificate_id, k.state, k.pin_failures, k.pin_changed_at, k.created_at
FROM credential k
WHERE k.tenant_id = :tenant AND k.public_id = :public_id
  AND (EXISTS (SELECT 1 FROM client_credential x
               WHERE x.client_id = :client AND x.credential_id = k.id)
       OR (k.pin_bound = 1 AND EXISTS (SELECT 1 FROM client c
               WHERE c.id = :client AND c.tenant_id = k.tenant_id AND c.personal = 1)
           AND EXISTS (SELECT 1 FROM account a
               WHERE a.id = k.account_id AND a.state IN ('invited', 'active'))))

-- name: credential_hold
-- does: put a credential on hold or release it
-- role: portal ctl
-- in: tenant tenant_id, public_id text(64), state_from text(16), state_to text(16), reason text(64)?
-- out: changed
UPDATE credential SET state = :state_to, hold_reason = :reason
WHERE tenant_id = :tenant AND public_id = :public_id AND state = :state_from

-- name: credential_renewed
-- does: give a credential the certificate that renews its own, for the same key
-- role: worker
-- in: tenant tenant_id, old certificate_id, renewed certificate_id
-- out: changed
UPDATE credential SET certificate_id = :renewed
 WHERE tenant_id = :tenant AND certificate_id = :old
   AND key_id = (SELECT spki_sha256 FROM certificate WHERE id = :renewed AND tenant_id = :tenant)

-- name: credential_attempt
-- does: count a PIN attempt before it is judged, so that parallel guesses and crashes count too
-- role: portal signapi
-- tenant: all by the id of a credential that was found in the tenant
-- in: credential credential_id, most u32
-- out: changed
-- audit: exempt a counter; a wrong PIN writes its audit row when it is judged
UPDATE credential SET pin_failures = pin_failures + 1
WHERE id = :credential AND state = 'active' AND pin_failures < :most

-- name: credential_pin_right
-- does: forget counted attempts after a right PIN
-- role: portal signapi
-- tenant: all by the id of a credential that was found in the tenant
-- in: credential credential_id
-- audit: exempt a counter; the signature or the PIN change has its own audit row
UPDATE credential SET pin_failures = 0 WHERE id = :credential AND state = 'active'

-- name: credential_lock
-- does: lock a credential whose attempts are used up
-- role: portal signapi
-- tenant: all by the id of a credential that was found in the tenant
-- in: credential credential_id, most u32
-- out: changed
UPDATE credential SET state = 'locked'
WHERE id = :credential AND state = 'active' AND pin_failures >= :most

-- name: credential_pin_failures
-- does: read the count of failed PIN attempts
-- role: portal signapi
-- tenant: all by the id of a credential that was found in the tenant
-- in: credential credential_id
-- row: pin_failures u32
SELECT pin_failures FROM credential WHERE id = :credential

-- name: credential_holder
-- does: whose a credential is, for a mail to that person
-- role: worker
-- in: public_id text(64)
-- row: tenant_id tenant_id, account_id account_id?
SELECT tenant_id, account_id FROM credential WHERE public_id = :public_id

-- name: credential_pin_change
-- does: replace the blob after a PIN change; only if it is still the one that was opened
-- role: portal
-- tenant: all by the id of a credential that was found in the tenant
-- in: credential credential_id, old_blob bytes(4096), new_blob bytes(4096), now time
-- out: changed
UPDATE credential SET key_blob = :new_blob, pin_changed_at = :now
WHERE id = :credential AND state = 'active' AND key_blob = :old_blob

-- name: document_add
-- does: store a document's row
-- role: portal signapi signer
-- in: public_id text(32), tenant tenant_id, account account_id?, client client_id?, filename text(255)?, size u64, digest bytes32, wrapped_key bytes(256), version u32, state text(16), now time, delete_at time
-- in: pieces u32, manifest bytes(32)?, expected u64
-- out: id document_id
INSERT INTO document (public_id, tenant_id, account_id, client_id, filename, size, digest,
  wrapped_key, version, state, created_at, delete_at, pieces, manifest, expected)
VALUES (:public_id, :tenant, :account, :client, :filename, :size, :digest, :wrapped_key, :version,
  :state, :now, :delete_at, :pieces, :manifest, :expected)

-- name: document_piece_add
-- does: store an encrypted piece; one of that number already is E_CONFLICT
-- role: portal signapi signer
-- tenant: all by the id of a document that was found in the tenant
-- in: document document_id, seq u32, position u64, size u32, sealed bytes(1048704)
-- audit: exempt the document's own statements have their audit rows
INSERT INTO document_piece (document_id, seq, position, size, sealed)
VALUES (:document, :seq, :position, :size, :sealed)

-- name: document_piece_get
-- does: read an encrypted piece
-- role: portal signapi signer
-- tenant: all by the id of a document that was found in the tenant
-- in: document document_id, seq u32
-- row: sealed bytes(1048704)
SELECT sealed FROM document_piece WHERE document_id = :document AND seq = :seq

-- name: document_piece_index
-- does: where each piece of a document lies; 2 GiB are 2048, and each signature adds one or two
-- role: portal signapi signer
-- tenant: all by the id of a document that was found in the tenant
-- in: document document_id
-- rows: seq u32, position u64, size u32
SELECT seq, position, size FROM document_piece WHERE document_id = :document ORDER BY seq LIMIT 8192

-- name: document_piece_drop
-- does: delete the pieces of a document
-- role: portal signapi worker signer
-- tenant: all by the id of a document that was found in the tenant
-- in: document document_id
-- out: changed
DELETE FROM document_piece WHERE document_id = :document

-- name: document_chunk_get
-- does: read an encrypted piece of a document from before 0006
-- role: portal signapi signer
-- tenant: all by the id of a document that was found in the tenant
-- in: document document_id, version u32, seq u32
-- row: sealed bytes(1048704)
SELECT sealed FROM document_chunk
WHERE document_id = :document AND version = :version AND seq = :seq

-- name: document_chunk_drop
-- does: delete the pieces of a document from before 0006
-- role: portal signapi worker signer
-- tenant: all by the id of a document that was found in the tenant
-- in: document document_id
-- out: changed
DELETE FROM document_chunk WHERE document_id = :document

-- name: document_received
-- does: count what has arrived, unless somebody else's piece was first
-- role: portal signapi signer
-- tenant: all by the id of a document that was found in the tenant
-- in: document document_id, offset u64, size u64, pieces u32
-- out: changed
-- audit: exempt the announcement and the end of an upload have audit rows
UPDATE document SET size = size + :size, pieces = pieces + :pieces
WHERE id = :document AND size = :offset AND state = 'receiving'

-- name: document_arrived
-- does: make what has arrived a document
-- role: portal signapi signer
-- tenant: all by the id of a document that was found in the tenant
-- in: document document_id, size u64, pieces u32, digest bytes32, manifest bytes32, delete_at time
-- out: changed
UPDATE document SET state = 'uploaded', digest = :digest, manifest = :manifest, delete_at = :delete_at
WHERE id = :document AND state = 'receiving' AND size = :size AND pieces = :pieces

-- name: document_signed
-- does: make the signed version the current one, unless somebody else was first
-- role: portal signapi signer
-- tenant: all by the id of a document that was found in the tenant
-- in: document document_id, version u32, size u64, digest bytes32, pieces u32, manifest bytes32
-- out: changed
UPDATE document SET version = version + 1, size = :size, digest = :digest, pieces = :pieces,
  manifest = :manifest, state = 'signed'
WHERE id = :document AND version = :version AND state IN ('uploaded', 'signed')

-- name: document_agree
-- does: hold a document for as long as its parties agreed
-- role: portal signapi worker signer
-- tenant: all by the id of a document that was found in the tenant
-- in: document document_id, until time, delete_at time
-- out: changed
UPDATE document SET agreed_until = :until, delete_at = :delete_at
WHERE id = :document AND state IN ('uploaded', 'signed')

-- name: document_deadline
-- does: bring a document's end forward
-- role: portal signapi worker signer
-- tenant: all by the id of a document that was found in the tenant
-- in: document document_id, delete_at time
-- out: changed
UPDATE document SET delete_at = LEAST(delete_at, :delete_at)
WHERE id = :document AND state <> 'deleted'

-- name: storage_of_account
-- does: what a person holds or has announced
-- role: portal signer
-- in: tenant tenant_id, account account_id
-- row: bytes u64
SELECT CAST(COALESCE(SUM(GREATEST(size, expected)), 0) AS UNSIGNED) FROM document
WHERE tenant_id = :tenant AND account_id = :account AND state <> 'deleted'

-- name: storage_of_tenant
-- does: what a customer held when the worker counted last
-- role: portal signapi signer
-- in: tenant tenant_id
-- row: bytes u64
SELECT bytes FROM storage_use WHERE tenant_id = :tenant

-- name: storage_clear
-- does: forget the last count
-- role: worker
-- in: now time
-- audit: exempt a count
UPDATE storage_use SET bytes = 0, counted_at = :now WHERE bytes > 0

-- name: storage_count
-- does: count what each customer holds
-- role: worker
-- in: now time
-- audit: exempt a count
INSERT INTO storage_use (tenant_id, bytes, counted_at)
SELECT tenant_id, SUM(GREATEST(size, expected)), :now FROM document
WHERE state IN ('receiving', 'uploaded', 'signed') GROUP BY tenant_id
ON DUPLICATE KEY UPDATE bytes = VALUES(bytes), counted_at = VALUES(counted_at)

-- name: document_of
-- does: find a document of an account or client
-- role: portal signapi signer
-- in: tenant tenant_id, account account_id?, client client_id?, public_id text(64)
-- row: id document_id, public_id text(32), filename text(255)?, size u64, digest bytes32, version u32, state text(16), wrapped_key bytes(256)?, created_at time, delete_at time, deleted_at time?, pieces u32, manifest bytes(32)?, expected u64, agreed_until time?
SELECT id, public_id, filename, size, digest, version, state, wrapped_key, created_at, delete_at,
  deleted_at, pieces, manifest, expected, agreed_until
FROM document WHERE tenant_id = :tenant AND account_id <=> :account AND client_id <=> :client
  AND public_id = :public_id

-- name: document_list
-- does: list documents of a person; a person holds few, so the order may be made at run time
-- role: portal
-- in: tenant tenant_id, account account_id, name text(255), state text(16), any bool, sort text(16), skip u32, most u32
-- rows: id document_id, public_id text(32), filename text(255)?, size u64, digest bytes32, version u32, state text(16), wrapped_key bytes(256)?, created_at time, delete_at time, deleted_at time?, pieces u32, manifest bytes(32)?, expected u64, agreed_until time?
SELECT id, public_id, filename, size, digest, version, state, wrapped_key, created_at, delete_at,
  deleted_at, pieces, manifest, expected, agreed_until
FROM document WHERE tenant_id = :tenant AND account_id = :account
  AND NOT EXISTS (SELECT 1 FROM envelope_document x WHERE x.document_id = document.id)
  AND NOT EXISTS (SELECT 1 FROM envelope v WHERE v.report_id = document.id)
  AND (:name = '' OR INSTR(filename, :name) > 0)
  AND (state = :state OR (:any AND state <> 'deleted'))
ORDER BY CASE :sort WHEN 'name' THEN filename END, CASE :sort WHEN '-name' THEN filename END DESC,
  CASE :sort WHEN 'until' THEN delete_at WHEN 'time' THEN created_at END,
  CASE :sort WHEN '-until' THEN delete_at END DESC,
  created_at DESC, id DESC LIMIT :skip, :most

-- name: document_count
-- does: count what the lists show
-- role: portal
-- in: tenant tenant_id, account account_id, name text(255), state text(16), any bool
-- row: n u64
SELECT COUNT(*) FROM document WHERE tenant_id = :tenant AND account_id = :account
  AND NOT EXISTS (SELECT 1 FROM envelope_document x WHERE x.document_id = document.id)
  AND NOT EXISTS (SELECT 1 FROM envelope v WHERE v.report_id = document.id)
  AND (:name = '' OR INSTR(filename, :name) > 0)
  AND (state = :state OR (:any AND state <> 'deleted'))

-- name: document_erase
-- does: erase a document: without the wrapped key its bytes mean nothing
-- role: portal signapi worker signer
-- tenant: all by the id of a document that was found in the tenant
-- in: document document_id, why text(16), now time, late_at time?
-- out: changed
UPDATE document SET state = 'deleted', wrapped_key = NULL, filename = NULL, deleted_at = :now,
  delete_reason = :why, late_at = :late_at
WHERE id = :document AND state <> 'deleted'

-- name: document_due
-- does: list the documents whose time is up
-- role: worker
-- in: now time, most u32
-- rows: id document_id, tenant_id tenant_id, account_id account_id?, client_id client_id?, public_id text(32), delete_at time
SELECT id, tenant_id, account_id, client_id, public_id, delete_at
FROM document WHERE state IN ('receiving', 'uploaded', 'signed') AND delete_at <= :now
ORDER BY delete_at LIMIT :most

-- name: document_gauge
-- does: count what is held, and what is held too long
-- role: portal signapi worker signer
-- tenant: all a total for the operator, no row is shown
-- in: late time
-- row: held u64, overdue u64
SELECT COUNT(*), CAST(COALESCE(SUM(delete_at <= :late), 0) AS UNSIGNED) FROM document WHERE state IN ('receiving', 'uploaded', 'signed')

-- name: counter_add
-- does: add to a counter
-- role: worker
-- in: name text(40), n u64
-- audit: exempt a counter
UPDATE signing_counter SET value = value + :n WHERE name = :name

-- name: counter_get
-- does: read a counter
-- role: portal signapi worker signer
-- tenant: all a total for the operator
-- in: name text(40)
-- row: value u64
SELECT value FROM signing_counter WHERE name = :name

-- name: signature_add
-- does: record a signature, or an attempt that failed
-- role: portal signapi signer
-- in: public_id text(32), kind text(16), certify u32, tenant tenant_id, account account_id?, client client_id?, document document_id?, credential credential_id?, certificate certificate_id?, certificate_serial bytes(20)?, key_id bytes(32)?, level text(8), outcome text(16), reason_code text(64)?, requested_at time, finished_at time, size_in u64, size_out u64, digest_in bytes(32)?, digest_out bytes(32)?, tsa text(255)?, tsa_serial text(64)?, tsa_time time?, archive_serial text(64)?, archive_time time?, auth_method text(40), auth_level u32, auth_at time?, request_id text(64), keep_until time
-- out: id signature_id
INSERT INTO signature (public_id, kind, certify, tenant_id, account_id, client_id, document_id, credential_id,
  certificate_id, certificate_serial, key_id, level, outcome, reason_code, requested_at, finished_at,
  size_in, size_out, digest_in, digest_out, tsa, tsa_serial, tsa_time, archive_serial, archive_time,
  auth_method, auth_level, auth_at, request_id, keep_until)
VALUES (:public_id, :kind, :certify, :tenant, :account, :client, :document, :credential, :certificate,
  :certificate_serial, :key_id, :level, :outcome, :reason_code, :requested_at, :finished_at, :size_in,
  :size_out, :digest_in, :digest_out, :tsa, :tsa_serial, :tsa_time, :archive_serial, :archive_time,
  :auth_method, :auth_level, :auth_at, :request_id, :keep_until)

-- name: signature_list
-- does: list the signature records of a person, newest first; empty texts and no times ask for all
-- role: portal
-- in: tenant tenant_id, account account_id, outcome text(16), level text(8), from_at time?, to_at time?, skip u32, most u32
-- rows: id signature_id, public_id text(32), kind text(16), certify u32, level text(8), outcome text(16), reason_code text(64)?, requested_at time, finished_at time, keep_until time, size_in u64, size_out u64, digest_in bytes(32)?, digest_out bytes(32)?, key_id bytes(32)?, certificate_serial bytes(20)?, credential text(32)?, tsa text(255)?, tsa_serial text(64)?, tsa_time time?, archive_serial text(64)?, archive_time time?, auth_method text(40), auth_level u32, auth_at time?, request_id text(64), document_id document_id?, document text(32)?, document_state text(16)?, document_version u32, delete_at time?
SELECT s.id, s.public_id, s.kind, s.certify, s.level, s.outcome, s.reason_code, s.requested_at, s.finished_at,
  s.keep_until, s.size_in, s.size_out, s.digest_in, s.digest_out, s.key_id, s.certificate_serial,
  k.public_id, s.tsa, s.tsa_serial, s.tsa_time, s.archive_serial, s.archive_time, s.auth_method,
  s.auth_level, s.auth_at, s.request_id, s.document_id, d.public_id, d.state,
  CAST(COALESCE(d.version, 0) AS UNSIGNED), d.delete_at
FROM signature s LEFT JOIN credential k ON k.id = s.credential_id
  LEFT JOIN document d ON d.id = s.document_id
WHERE s.tenant_id = :tenant AND s.account_id = :account
  AND (:outcome = '' OR s.outcome = :outcome) AND (:level = '' OR s.level = :level)
  AND (:from_at IS NULL OR s.requested_at >= :from_at) AND (:to_at IS NULL OR s.requested_at < :to_at)
ORDER BY s.requested_at DESC, s.id DESC LIMIT :skip, :most

-- name: signature_count
-- does: count what signature_list shows
-- role: portal
-- in: tenant tenant_id, account account_id, outcome text(16), level text(8), from_at time?, to_at time?
-- row: n u64
SELECT COUNT(*) FROM signature WHERE tenant_id = :tenant AND account_id = :account
  AND (:outcome = '' OR outcome = :outcome) AND (:level = '' OR level = :level)
  AND (:from_at IS NULL OR requested_at >= :from_at) AND (:to_at IS NULL OR requested_at < :to_at)

-- name: signature_of
-- does: find a signature record of an account or client
-- role: portal signapi signer
-- in: tenant tenant_id, account account_id?, client client_id?, public_id text(64)
-- row: id signature_id, public_id text(32), kind text(16), certify u32, level text(8), outcome text(16), reason_code text(64)?, requested_at time, finished_at time, keep_until time, size_in u64, size_out u64, digest_in bytes(32)?, digest_out bytes(32)?, key_id bytes(32)?, certificate_serial bytes(20)?, credential text(32)?, tsa text(255)?, tsa_serial text(64)?, tsa_time time?, archive_serial text(64)?, archive_time time?, auth_method text(40), auth_level u32, auth_at time?, request_id text(64), document_id document_id?, document text(32)?, document_state text(16)?, document_version u32, delete_at time?
SELECT s.id, s.public_id, s.kind, s.certify, s.level, s.outcome, s.reason_code, s.requested_at, s.finished_at,
  s.keep_until, s.size_in, s.size_out, s.digest_in, s.digest_out, s.key_id, s.certificate_serial,
  k.public_id, s.tsa, s.tsa_serial, s.tsa_time, s.archive_serial, s.archive_time, s.auth_method,
  s.auth_level, s.auth_at, s.request_id, s.document_id, d.public_id, d.state,
  CAST(COALESCE(d.version, 0) AS UNSIGNED), d.delete_at
FROM signature s LEFT JOIN credential k ON k.id = s.credential_id
  LEFT JOIN document d ON d.id = s.document_id
WHERE s.tenant_id = :tenant AND s.account_id <=> :account AND s.client_id <=> :client
  AND s.public_id = :public_id

-- name: signature_purge
-- does: forget records whose seven years are over
-- role: worker
-- in: now time, most u32
-- out: changed
DELETE FROM signature WHERE keep_until < :now LIMIT :most

-- name: idempotency_add
-- does: claim an idempotency key; waits for another request with the same key to end
-- role: signapi
-- tenant: all keys belong to a client
-- in: client client_id, key_hash bytes32, request_digest bytes32, signature text(32), now time, expire_at time
-- audit: exempt the signature of the same transaction has its audit row
INSERT INTO idempotency (client_id, key_hash, request_digest, signature_public_id, created_at, expire_at)
VALUES (:client, :key_hash, :request_digest, :signature, :now, :expire_at)

-- name: idempotency_get
-- does: find what a key stands for
-- role: signapi
-- tenant: all keys belong to a client
-- in: client client_id, key_hash bytes32
-- row: request_digest bytes32, signature text(32), expire_at time, result bytes(65535)?
SELECT request_digest, signature_public_id, expire_at, result FROM idempotency
WHERE client_id = :client AND key_hash = :key_hash

-- name: idempotency_result
-- does: keep a result that is no document with its key
-- role: signapi signer
-- tenant: all keys belong to a client
-- in: client client_id, key_hash bytes32, result bytes(65535)
-- out: changed
-- audit: exempt the signature of the same transaction has its audit row
UPDATE idempotency SET result = :result WHERE client_id = :client AND key_hash = :key_hash

-- name: idempotency_drop
-- does: forget one key that has expired
-- role: signapi
-- tenant: all keys belong to a client
-- in: client client_id, key_hash bytes32, now time
-- out: changed
-- audit: exempt housekeeping of expired keys
DELETE FROM idempotency WHERE client_id = :client AND key_hash = :key_hash AND expire_at < :now

-- name: seal_add
-- does: keep a seal, its contents encrypted
-- role: portal
-- in: public_id text(32), tenant tenant_id, account account_id?, label text(60), kind text(8), main bool, size u32, wrapped_key bytes(256), sealed bytes(1048704), now time
INSERT INTO seal (public_id, tenant_id, account_id, label, kind, main, size, wrapped_key, sealed, created_at)
VALUES (:public_id, :tenant, :account, :label, :kind, :main, :size, :wrapped_key, :sealed, :now)

-- name: seal_count
-- does: count the seals of an owner
-- role: portal
-- in: tenant tenant_id, account account_id?
-- row: n u64
SELECT COUNT(*) FROM seal WHERE tenant_id = :tenant AND account_id <=> :account

-- name: seal_list
-- does: list the seals of an owner (no account: the organisation's), the main one first
-- role: portal signapi signer
-- in: tenant tenant_id, account account_id?
-- rows: id u64, public_id text(32), label text(60), kind text(8), main bool, created_at time
SELECT id, public_id, label, kind, main, created_at
FROM seal WHERE tenant_id = :tenant AND account_id <=> :account ORDER BY main DESC, id LIMIT 100

-- name: seal_get
-- does: find a seal of an owner
-- role: portal signapi signer
-- in: tenant tenant_id, account account_id?, public_id text(32)
-- row: id u64, public_id text(32), label text(60), kind text(8), main bool, created_at time
SELECT id, public_id, label, kind, main, created_at
FROM seal WHERE tenant_id = :tenant AND account_id <=> :account AND public_id = :public_id

-- name: seal_contents
-- does: read what a seal of an owner shows, encrypted
-- role: portal signapi signer
-- in: tenant tenant_id, account account_id?, public_id text(32)
-- row: kind text(8), size u32, wrapped_key bytes(256), sealed bytes(1048704)
SELECT kind, size, wrapped_key, sealed
FROM seal WHERE tenant_id = :tenant AND account_id <=> :account AND public_id = :public_id

-- name: seal_main_set
-- does: make one seal of an owner the main one
-- role: portal
-- in: tenant tenant_id, account account_id?, public_id text(32)
-- out: changed
UPDATE seal SET main = (public_id = :public_id) WHERE tenant_id = :tenant AND account_id <=> :account

-- name: seal_erase
-- does: erase a seal with its key
-- role: portal
-- in: tenant tenant_id, account account_id?, public_id text(32)
-- out: changed
DELETE FROM seal WHERE tenant_id = :tenant AND account_id <=> :account AND public_id = :public_id

-- name: seal_template_add
-- does: keep a placement that recurs
-- role: portal
-- in: public_id text(32), tenant tenant_id, account account_id?, name text(60), seal text(32)?
-- in: page_rule text(8), page_number u32, x u32, y u32, width u32, height u32
-- in: show_name bool, show_date bool, show_reason bool, reason text(120), level text(8), certify u32, now time
INSERT INTO seal_template (public_id, tenant_id, account_id, name, seal_id, page_rule, page_number, x, y,
  width, height, show_name, show_date, show_reason, reason, level, certify, created_at)
VALUES (:public_id, :tenant, :account, :name,
  (SELECT id FROM seal WHERE tenant_id = :tenant AND account_id <=> :account AND public_id = :seal),
  :page_rule, :page_number, :x, :y, :width, :height, :show_name, :show_date, :show_reason, :reason,
  :level, :certify, :now)

-- name: seal_template_set
-- does: change a placement that recurs
-- role: portal
-- in: tenant tenant_id, account account_id?, public_id text(32), name text(60), seal text(32)?
-- in: page_rule text(8), page_number u32, x u32, y u32, width u32, height u32
-- in: show_name bool, show_date bool, show_reason bool, reason text(120), level text(8), certify u32
-- out: changed
UPDATE seal_template SET name = :name,
  seal_id = (SELECT id FROM seal WHERE tenant_id = :tenant AND account_id <=> :account AND public_id = :seal),
  page_rule = :page_rule, page_number = :page_number, x = :x, y = :y, width = :width, height = :height,
  show_name = :show_name, show_date = :show_date, show_reason = :show_reason, reason = :reason,
  level = :level, certify = :certify
WHERE tenant_id = :tenant AND account_id <=> :account AND public_id = :public_id

-- name: seal_template_count
-- does: count the placements of an owner
-- role: portal
-- in: tenant tenant_id, account account_id?
-- row: n u64
SELECT COUNT(*) FROM seal_template WHERE tenant_id = :tenant AND account_id <=> :account

-- name: seal_template_list
-- does: list the placements of an owner
-- role: portal signapi signer
-- in: tenant tenant_id, account account_id?
-- rows: public_id text(32), name text(60), seal text(32)?, page_rule text(8), page_number u32, x u32, y u32, width u32, height u32, show_name bool, show_date bool, show_reason bool, reason text(120), level text(8), certify u32
SELECT t.public_id, t.name, s.public_id, t.page_rule, t.page_number, t.x, t.y, t.width, t.height,
  t.show_name, t.show_date, t.show_reason, t.reason, t.level, t.certify
FROM seal_template t LEFT JOIN seal s ON s.id = t.seal_id
WHERE t.tenant_id = :tenant AND t.account_id <=> :account ORDER BY t.name, t.id LIMIT 100

-- name: seal_template_get
-- does: find a placement of an owner
-- role: portal signapi signer
-- in: tenant tenant_id, account account_id?, public_id text(32)
-- row: public_id text(32), name text(60), seal text(32)?, page_rule text(8), page_number u32, x u32, y u32, width u32, height u32, show_name bool, show_date bool, show_reason bool, reason text(120), level text(8), certify u32
SELECT t.public_id, t.name, s.public_id, t.page_rule, t.page_number, t.x, t.y, t.width, t.height,
  t.show_name, t.show_date, t.show_reason, t.reason, t.level, t.certify
FROM seal_template t LEFT JOIN seal s ON s.id = t.seal_id
WHERE t.tenant_id = :tenant AND t.account_id <=> :account AND t.public_id = :public_id

-- name: seal_template_erase
-- does: erase a placement
-- role: portal
-- in: tenant tenant_id, account account_id?, public_id text(32)
-- out: changed
DELETE FROM seal_template
WHERE tenant_id = :tenant AND account_id <=> :account AND public_id = :public_id

-- name: idempotency_purge
-- does: forget expired keys
-- role: worker
-- in: now time, most u32
-- out: changed
-- audit: exempt housekeeping of expired keys
DELETE FROM idempotency WHERE expire_at < :now LIMIT :most

-- name: provider_seal_set
-- does: say that a seal is the provider's own, for this purpose
-- role: ctl
-- in: tenant tenant_id, credential text(32), purpose text(16)
-- out: changed
UPDATE credential SET purpose = :purpose
WHERE tenant_id = :tenant AND public_id = :credential AND pin_bound = 0 AND purpose IS NULL

-- name: provider_seal_list
-- does: the provider's own seals for a purpose that may be used, newest first
-- role: portal signapi signer ctl
-- tenant: all the provider's own, whoever's document it is
-- in: purpose text(16)
-- rows: id credential_id, public_id text(32), tenant_id tenant_id, label text(120), key_kind text(16), key_blob bytes(4096), spki bytes(1024), key_id bytes32, certificate_id certificate_id
SELECT id, public_id, tenant_id, label, key_kind, key_blob, spki, key_id, certificate_id
FROM credential WHERE purpose = :purpose AND state = 'active' AND pin_bound = 0
ORDER BY id DESC LIMIT 8
