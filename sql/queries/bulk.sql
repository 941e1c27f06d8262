-- Statements of the bulk slice: files of many applications, their rows and outcomes.

-- name: bulk_run_add
-- does: keep an upload
-- role: portal
-- in: public_id text(32), tenant tenant_id, account account_id, profile text(40), filename text(255), digest bytes32
-- in: size u32, encoding text(12), format text(3), lang text(2), header text(16000), row_count u32, read_at u32
-- in: read_line u32, now time, erase_at time
-- out: id bulk_id
INSERT INTO bulk_run (public_id, tenant_id, account_id, profile, filename, digest, size, encoding, format, lang,
  header, row_count, read_at, read_line, created_at, erase_at)
VALUES (:public_id, :tenant, :account, :profile, :filename, :digest, :size, :encoding, :format, :lang,
  :header, :row_count, :read_at, :read_line, :now, :erase_at)

-- name: bulk_run_same
-- does: find the run of the same file
-- role: portal
-- in: tenant tenant_id, digest bytes32
-- row: public_id text(32)
SELECT public_id FROM bulk_run WHERE tenant_id = :tenant AND digest = :digest

-- name: bulk_run_find
-- does: find a run of a tenant
-- role: portal
-- in: tenant tenant_id, public_id text(32)
-- row: id bulk_id, public_id text(32), tenant tenant_id, account account_id, account_name text(120), profile text(40),
--      filename text(255), size u32, encoding text(12), format text(3), lang text(2), header text(16000),
--      state text(8), pause text(64), row_count u32, read_count u32, box bool, erased bool, created_at time,
--      started_at time?, ended_at time?, erase_at time
SELECT r.id, r.public_id, r.tenant_id, r.account_id, a.name, r.profile, r.filename, r.size, r.encoding, r.format,
  r.lang, r.header, r.state, r.pause, r.row_count, r.read_count, r.box_public IS NOT NULL,
  r.erased_at IS NOT NULL, r.created_at, r.started_at, r.ended_at, r.erase_at
FROM bulk_run r JOIN account a ON a.id = r.account_id
WHERE r.tenant_id = :tenant AND r.public_id = :public_id

-- name: bulk_run_list
-- does: list the runs of a tenant, newest first
-- role: portal
-- in: tenant tenant_id, limit u32, offset u32
-- rows: id bulk_id, public_id text(32), tenant tenant_id, account account_id, account_name text(120), profile text(40),
--      filename text(255), size u32, encoding text(12), format text(3), lang text(2), header text(16000),
--      state text(8), pause text(64), row_count u32, read_count u32, box bool, erased bool, created_at time,
--      started_at time?, ended_at time?, erase_at time
SELECT r.id, r.public_id, r.tenant_id, r.account_id, a.name, r.profile, r.filename, r.size, r.encoding, r.format,
  r.lang, r.header, r.state, r.pause, r.row_count, r.read_count, r.box_public IS NOT NULL,
  r.erased_at IS NOT NULL, r.created_at, r.started_at, r.ended_at, r.erase_at
FROM bulk_run r JOIN account a ON a.id = r.account_id
WHERE r.tenant_id = :tenant ORDER BY r.id DESC LIMIT :limit OFFSET :offset

-- name: bulk_run_total
-- does: count the runs of a tenant
-- role: portal
-- in: tenant tenant_id
-- row: n u64
SELECT COUNT(*) FROM bulk_run WHERE tenant_id = :tenant

-- name: bulk_run_lock
-- does: hold a run for the time of the transaction
-- role: portal worker
-- tenant: all the worker acts for every customer; the portal found it by its tenant
-- in: id bulk_id
-- row: id bulk_id, public_id text(32), tenant tenant_id, account account_id, profile text(40), size u32,
--      encoding text(12), format text(3), lang text(2), header text(16000), state text(8), row_count u32,
--      read_count u32, read_at u32, read_line u32, box_public bytes(100)?, told_at time?
SELECT id, public_id, tenant_id, account_id, profile, size, encoding, format, lang, header, state, row_count,
  read_count, read_at, read_line, box_public, told_at
FROM bulk_run WHERE id = :id FOR UPDATE

-- name: bulk_run_read
-- does: note how far a file is checked
-- role: worker
-- in: id bulk_id, read_at u32, read_line u32, read_count u32, state text(8)
-- audit: exempt progress of a check that changes nothing; upload and start are audited
UPDATE bulk_run SET read_at = :read_at, read_line = :read_line, read_count = :read_count, state = :state
WHERE id = :id

-- name: bulk_run_start
-- does: begin a run
-- role: portal
-- in: tenant tenant_id, id bulk_id, now time, erase_at time, box_public bytes(100)?, box_salt bytes(16)?
-- in: box_sealed bytes(400)?
-- out: changed
UPDATE bulk_run SET state = 'running', pause = '', started_at = :now, erase_at = :erase_at,
  box_public = :box_public, box_salt = :box_salt, box_sealed = :box_sealed
WHERE tenant_id = :tenant AND id = :id AND state = 'checked'

-- name: bulk_run_unchecked
-- does: check an upload once more
-- role: portal
-- in: tenant tenant_id, id bulk_id
-- out: changed
UPDATE bulk_run SET state = 'checking', read_count = 0
WHERE tenant_id = :tenant AND id = :id AND state = 'checked'

-- name: bulk_run_again
-- does: go on with a run that was paused, stopped or done
-- role: portal
-- in: tenant tenant_id, id bulk_id, erase_at time
-- out: changed
UPDATE bulk_run SET state = 'running', pause = '', ended_at = NULL, told_at = NULL, erase_at = :erase_at
WHERE tenant_id = :tenant AND id = :id AND state IN ('paused', 'stopped', 'done') AND erased_at IS NULL

-- name: bulk_run_pause
-- does: let a run rest
-- role: portal worker
-- in: tenant tenant_id, id bulk_id, why text(64)
-- out: changed
UPDATE bulk_run SET state = 'paused', pause = :why WHERE tenant_id = :tenant AND id = :id AND state = 'running'

-- name: bulk_run_stop
-- does: end a run before all is done
-- role: portal
-- in: tenant tenant_id, id bulk_id, now time, erase_at time
-- out: changed
UPDATE bulk_run SET state = 'stopped', pause = '', ended_at = :now, erase_at = :erase_at
WHERE tenant_id = :tenant AND id = :id AND state IN ('running', 'paused')

-- name: bulk_run_done
-- does: all rows have an outcome
-- role: worker
-- in: id bulk_id, now time, erase_at time
-- out: changed
UPDATE bulk_run SET state = 'done', ended_at = :now, erase_at = :erase_at WHERE id = :id AND state = 'running'

-- name: bulk_run_told
-- does: note the mail at the end
-- role: worker
-- in: id bulk_id, now time
UPDATE bulk_run SET told_at = :now WHERE id = :id

-- name: bulk_run_drop
-- does: throw away an upload that was never started
-- role: portal
-- in: tenant tenant_id, id bulk_id
-- out: changed
DELETE FROM bulk_run WHERE tenant_id = :tenant AND id = :id AND state IN ('checking', 'checked')

-- name: bulk_run_due
-- does: find runs whose contents must go
-- role: worker
-- in: now time
-- rows: id bulk_id, tenant tenant_id, state text(8)
SELECT id, tenant_id, state FROM bulk_run WHERE erased_at IS NULL AND erase_at <= :now ORDER BY erase_at LIMIT 20

-- name: bulk_run_erased
-- does: note that the contents of a run are gone
-- role: worker
-- in: id bulk_id, now time
UPDATE bulk_run SET erased_at = :now, box_public = NULL, box_salt = NULL, box_sealed = NULL WHERE id = :id

-- name: bulk_run_forget
-- does: delete an upload that was never started
-- role: worker
-- in: id bulk_id
DELETE FROM bulk_run WHERE id = :id AND state IN ('checking', 'checked')

-- name: bulk_run_box
-- does: what opens the keys of a run, with the password
-- role: portal
-- in: tenant tenant_id, id bulk_id
-- row: box_salt bytes(16)?, box_sealed bytes(400)?
SELECT box_salt, box_sealed FROM bulk_run WHERE tenant_id = :tenant AND id = :id

-- name: bulk_piece_add
-- does: keep a piece of a file
-- role: portal
-- in: run bulk_id, seq u32, data bytes(262144)
-- tenant: all a piece is of its run, which is the tenant's
INSERT INTO bulk_piece (run_id, seq, data) VALUES (:run, :seq, :data)

-- name: bulk_piece_from
-- does: read the next pieces of a file
-- role: worker
-- in: run bulk_id, seq u32
-- rows: data bytes(262144)
SELECT data FROM bulk_piece WHERE run_id = :run AND seq >= :seq ORDER BY seq LIMIT 3

-- name: bulk_piece_drop
-- does: a file is not needed any more
-- role: worker
-- in: run bulk_id
-- audit: exempt its lines are rows now
DELETE FROM bulk_piece WHERE run_id = :run

-- name: bulk_row_add
-- does: keep a line of a file and what was found about it
-- role: worker
-- in: run bulk_id, seq u32, tenant tenant_id, line u32, operation text(8), key_source text(8), state text(8), ref text(64)?
-- in: title text(200), twin bytes(32)?, cells text(200000)?, findings text(16000)?
-- audit: exempt a check that changes nothing; upload and start are audited
INSERT INTO bulk_row (run_id, seq, tenant_id, line, operation, key_source, state, ref, title, twin, cells, findings)
VALUES (:run, :seq, :tenant, :line, :operation, :key_source, :state, :ref, :title, :twin, :cells, :findings)

-- name: bulk_row_twin
-- does: find an earlier line of a file that asks for the same
-- role: worker
-- in: run bulk_id, twin bytes(32), seq u32
-- row: line u32
SELECT line FROM bulk_row WHERE run_id = :run AND twin = :twin AND seq < :seq ORDER BY seq LIMIT 1

-- name: bulk_row_counts
-- does: count the rows of a run
-- role: portal worker
-- in: tenant tenant_id, run bulk_id
-- rows: state text(8), operation text(8), key_source text(8), n u64
SELECT state, operation, key_source, COUNT(*) FROM bulk_row WHERE tenant_id = :tenant AND run_id = :run
GROUP BY state, operation, key_source LIMIT 500

-- name: bulk_row_list
-- does: show rows of a run; worst: what is wrong first
-- role: portal
-- in: tenant tenant_id, run bulk_id, states text(60), worst bool, limit u32, offset u32
-- rows: seq u32, line u32, tries u32, operation text(8), state text(8), ref text(64)?, title text(200),
--       receipt text(24), findings text(16000)?, cells text(200000)?, application application_id?,
--       certificate certificate_id?, serial bytes(20)?
SELECT w.seq, w.line, w.tries, w.operation, w.state, w.ref, w.title, w.receipt, w.findings, w.cells,
  w.application_id, w.certificate_id, c.serial
FROM bulk_row w LEFT JOIN certificate c ON c.id = w.certificate_id
WHERE w.tenant_id = :tenant AND w.run_id = :run AND FIND_IN_SET(w.state, :states)
ORDER BY CASE WHEN :worst AND w.state IN ('bad', 'failed') THEN 0 ELSE 1 END, w.seq LIMIT :limit OFFSET :offset

-- name: bulk_row_after
-- does: rows of a run in order, for the result file
-- role: portal
-- in: tenant tenant_id, run bulk_id, after u32, states text(60)
-- rows: seq u32, line u32, tries u32, operation text(8), state text(8), ref text(64)?, title text(200),
--       receipt text(24), findings text(16000)?, cells text(200000)?, application application_id?,
--       certificate certificate_id?, serial bytes(20)?
SELECT w.seq, w.line, w.tries, w.operation, w.state, w.ref, w.title, w.receipt, w.findings, w.cells,
  w.application_id, w.certificate_id, c.serial
FROM bulk_row w LEFT JOIN certificate c ON c.id = w.certificate_id
WHERE w.tenant_id = :tenant AND w.run_id = :run AND w.seq > :after AND FIND_IN_SET(w.state, :states)
ORDER BY w.seq LIMIT 200

-- name: bulk_row_next
-- does: the next rows to do
-- role: worker
-- in: run bulk_id
-- rows: seq u32, ref text(64)?, cells text(200000)?
SELECT seq, ref, cells FROM bulk_row WHERE run_id = :run AND state = 'ready' ORDER BY seq LIMIT 25

-- name: bulk_row_recheck
-- does: the next rows that were refused, to check them again
-- role: worker
-- in: run bulk_id, after u32
-- rows: seq u32, line u32, cells text(200000)?
SELECT seq, line, cells FROM bulk_row WHERE run_id = :run AND seq > :after AND cells IS NOT NULL
ORDER BY seq LIMIT 250

-- name: bulk_row_found
-- does: what another check found about a row
-- role: worker
-- in: run bulk_id, seq u32, operation text(8), key_source text(8), state text(8), ref text(64)?, title text(200)
-- in: twin bytes(32)?, findings text(16000)?
-- audit: exempt a check that changes nothing; upload and start are audited
UPDATE bulk_row SET operation = :operation, key_source = :key_source, state = :state, ref = :ref,
  title = :title, twin = :twin, findings = :findings
WHERE run_id = :run AND seq = :seq

-- name: bulk_row_outcome
-- does: what became of a row
-- role: worker
-- in: run bulk_id, seq u32, state text(8), findings text(16000)?, application application_id?
-- in: certificate certificate_id?, receipt text(24), now time
UPDATE bulk_row SET state = :state, findings = :findings, application_id = :application,
  certificate_id = :certificate, receipt = :receipt, done_at = :now, tries = tries + 1
WHERE run_id = :run AND seq = :seq AND state = 'ready'

-- name: bulk_row_again
-- does: rows that were refused or failed are to be done again; row 0: all of them
-- role: portal
-- in: tenant tenant_id, run bulk_id, seq u32
-- out: changed
UPDATE bulk_row SET state = 'ready', findings = NULL, application_id = NULL, certificate_id = NULL, receipt = ''
WHERE tenant_id = :tenant AND run_id = :run AND state IN ('bad', 'failed') AND (:seq = 0 OR seq = :seq)
  AND cells IS NOT NULL

-- name: bulk_row_issued
-- does: rows whose certificates are out
-- role: worker
-- in: run bulk_id, now time
-- audit: exempt repeats what the authority has done under audit
UPDATE bulk_row w JOIN application a ON a.id = w.application_id
SET w.state = 'done', w.certificate_id = a.certificate_id, w.done_at = :now
WHERE w.run_id = :run AND w.state IN ('sent', 'review') AND a.state = 'issued'

-- name: bulk_row_refused
-- does: rows whose applications came to nothing
-- role: worker
-- in: run bulk_id, now time
-- audit: exempt repeats what was decided under audit
UPDATE bulk_row w JOIN application a ON a.id = w.application_id
SET w.state = 'failed', w.done_at = :now, w.findings = JSON_ARRAY(JSON_OBJECT('code',
  CASE a.state WHEN 'refused' THEN a.refused WHEN 'rejected' THEN 'bulk-rejected' ELSE 'bulk-withdrawn' END,
  'field', '', 'detail', '', 'refuses', TRUE))
WHERE w.run_id = :run AND w.state IN ('sent', 'review') AND a.state IN ('refused', 'rejected', 'withdrawn')

-- name: bulk_row_approved
-- does: rows whose second approval came
-- role: worker
-- in: run bulk_id
-- audit: exempt repeats what was decided under audit
UPDATE bulk_row w JOIN application a ON a.id = w.application_id SET w.state = 'sent'
WHERE w.run_id = :run AND w.state = 'review' AND a.state = 'approved' AND a.key_source <> 'browser'

-- name: bulk_row_erase
-- does: the cells of a run go
-- role: worker
-- in: run bulk_id
-- out: changed
UPDATE bulk_row SET cells = NULL WHERE run_id = :run AND cells IS NOT NULL LIMIT 5000

-- name: bulk_run_review
-- does: runs that are over but have rows with a second person
-- role: worker
-- in: after bulk_id
-- rows: id bulk_id
SELECT DISTINCT r.id FROM bulk_run r JOIN bulk_row w ON w.run_id = r.id AND w.state IN ('review', 'sent')
WHERE r.id > :after AND r.state IN ('done', 'stopped', 'paused') ORDER BY r.id LIMIT 50

-- name: bulk_once_add
-- does: an operation is done under this id
-- role: worker
-- in: tenant tenant_id, operation text(8), ref text(64), run bulk_id, seq u32
INSERT INTO bulk_once (tenant_id, operation, ref, run_id, seq) VALUES (:tenant, :operation, :ref, :run, :seq)

-- name: bulk_once_get
-- does: where an operation was done under this id
-- role: worker
-- in: tenant tenant_id, operation text(8), ref text(64)
-- row: run bulk_id, seq u32, line u32, filename text(255), receipt text(24), application application_id?,
--      certificate certificate_id?
SELECT o.run_id, o.seq, w.line, r.filename, w.receipt, w.application_id, w.certificate_id
FROM bulk_once o JOIN bulk_row w ON w.run_id = o.run_id AND w.seq = o.seq JOIN bulk_run r ON r.id = o.run_id
WHERE o.tenant_id = :tenant AND o.operation = :operation AND o.ref = :ref

-- name: bulk_once_drop
-- does: what came to nothing may be done again under its id
-- role: worker
-- in: run bulk_id
-- audit: exempt repeats what was decided under audit
DELETE FROM bulk_once WHERE run_id = :run
  AND seq IN (SELECT w.seq FROM bulk_row w WHERE w.run_id = :run AND w.state = 'failed')

-- name: bulk_key_put
-- does: keep a key that was made for a row; encrypted
-- role: worker
-- in: run bulk_id, seq u32, sealed bytes(4096)
INSERT INTO bulk_key (run_id, seq, sealed) VALUES (:run, :seq, :sealed) ON DUPLICATE KEY UPDATE sealed = :sealed

-- name: bulk_key_after
-- does: keys of a run with their certificates, in order
-- role: portal
-- in: tenant tenant_id, run bulk_id, after u32
-- rows: seq u32, line u32, title text(200), sealed bytes(4096), der bytes(65000)?, certificate certificate_id
SELECT k.seq, w.line, w.title, k.sealed, c.der, c.id
FROM bulk_key k JOIN bulk_row w ON w.run_id = k.run_id AND w.seq = k.seq
JOIN certificate c ON c.id = w.certificate_id
WHERE w.tenant_id = :tenant AND k.run_id = :run AND k.seq > :after AND c.der IS NOT NULL ORDER BY k.seq LIMIT 50

-- name: bulk_key_count
-- does: how many keys of a run have a certificate by now
-- role: portal
-- in: tenant tenant_id, run bulk_id
-- row: n u64
SELECT COUNT(*) FROM bulk_key k JOIN bulk_row w ON w.run_id = k.run_id AND w.seq = k.seq
JOIN certificate c ON c.id = w.certificate_id
WHERE w.tenant_id = :tenant AND k.run_id = :run AND c.der IS NOT NULL

-- name: bulk_key_erase
-- does: the keys of a run go
-- role: worker
-- in: run bulk_id
-- out: changed
DELETE FROM bulk_key WHERE run_id = :run
