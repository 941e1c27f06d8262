-- Statements of the authority slice: authorities, certificates, lists.

-- name: authority_add
-- does: enter an authority whose key exists; its certificate follows
-- role: ctl
-- in: name text(40), parent authority_id?, key_label text(64), subject bytes(1024), spki bytes(1024),
--    spki_sha256 bytes32, ski bytes(20), url text(200), crl_days u32, crl_parts u32, now time
-- out: id authority_id
INSERT INTO authority (name, parent_id, key_label, subject, spki, spki_sha256, ski, url, crl_days,
                       crl_parts, created_at)
VALUES (:name, :parent, :key_label, :subject, :spki, :spki_sha256, :ski, :url, :crl_days, :crl_parts,
        :now)

-- name: authority_by_name
-- does: find an authority by its name
-- role: portal signapi repository worker ctl signer
-- in: name text(40)
-- row: id authority_id, state text(10), certificate bytes(8192)?, not_after time?
SELECT id, state, certificate, not_after FROM authority WHERE name = :name

-- name: authority_get
-- does: all that issuing needs to know of an authority
-- role: portal signapi worker ctl signer
-- in: id authority_id
-- row: name text(40), parent authority_id?, key_label text(64), subject bytes(1024),
--    spki bytes(1024), url text(200), crl_parts u32, state text(10), certificate bytes(8192)?,
--    above bytes(1048576)?
SELECT name, parent_id, key_label, subject, spki, url, crl_parts, state, certificate, above
  FROM authority WHERE id = :id

-- name: authority_made
-- does: give an authority the certificate that was issued for its key
-- role: worker ctl
-- in: spki_sha256 bytes32, certificate bytes(8192), not_before time, not_after time
-- out: changed
-- audit: exempt the release of the certificate is audited
UPDATE authority SET certificate = :certificate, not_before = :not_before, not_after = :not_after,
       state = 'active'
 WHERE spki_sha256 = :spki_sha256 AND state = 'making'

-- name: authority_all
-- does: the authorities that have a certificate
-- role: portal signapi repository worker ctl signer
-- in: limit u32
-- rows: id authority_id, parent authority_id?, name text(40), certificate bytes(8192)?,
--    above bytes(1048576)?
SELECT id, parent_id, name, certificate, above FROM authority WHERE state <> 'making' ORDER BY id
 LIMIT :limit

-- name: authority_changed
-- does: count a change of status under an authority
-- role: portal worker ctl
-- in: id authority_id
-- out: changed
-- audit: exempt goes with the audited change
UPDATE authority SET changes = changes + 1 WHERE id = :id

-- name: certificate_add
-- does: enter a request for a certificate
-- role: worker ctl
-- in: tenant tenant_id?, account account_id?, application application_id?, requested_by account_id?,
--    authority authority_id, profile text(40), version u32, cps text(40), subject bytes(2048),
--    subject_text text(1000), common_name text(200), email text(254), san text(8000)?,
--    spki bytes(2048), spki_sha256 bytes32, validity_us i64, renews certificate_id?, now time
-- out: id certificate_id
INSERT INTO certificate (tenant_id, account_id, application_id, requested_by, authority_id, profile,
                         profile_version, cps, subject, subject_text, common_name, email, san, spki,
                         spki_sha256, validity_us, renews, requested_at)
VALUES (:tenant, :account, :application, :requested_by, :authority, :profile, NULLIF(:version, 0), :cps,
        :subject, :subject_text, :common_name, :email, :san, :spki, :spki_sha256, :validity_us, :renews,
        :now)

-- name: certificate_key_elsewhere
-- does: whether somebody else has, or asked for, a certificate with this key
-- role: worker ctl
-- tenant: all a key shared between customers is what is looked for; nothing of the row is shown
-- in: spki_sha256 bytes32, tenant tenant_id?, account account_id?
-- row: found bool
SELECT EXISTS (SELECT 1 FROM certificate WHERE spki_sha256 = :spki_sha256
   AND NOT (tenant_id <=> :tenant AND account_id <=> :account) AND state <> 'refused') AS found

-- name: certificate_renewable
-- does: whether there is an issued certificate to replace
-- role: worker ctl
-- in: id certificate_id, tenant tenant_id?
-- row: state text(10)
SELECT state FROM certificate WHERE id = :id AND tenant_id <=> :tenant
   AND state IN ('issued', 'suspended', 'revoked')

-- name: certificate_get
-- does: one certificate of a tenant
-- role: portal signapi worker ctl signer
-- in: id certificate_id, tenant tenant_id?
-- row: authority authority_id, account account_id?, profile text(40),
--    profile_version u32, cps text(40), application application_id?, requested_by account_id?,
--    state text(10), subject_text text(1000), common_name text(200), email text(254),
--    serial bytes(20)?, not_before time?, not_after time?, issued_at time?, refused text(64),
--    revoked_at time?, reason u32, requested_at time, crl_part u32, renews certificate_id?,
--    replaced_by certificate_id?, der bytes(65535)?
SELECT authority_id,
       account_id, profile, COALESCE(profile_version, CAST(0 AS UNSIGNED)) AS profile_version, cps, application_id,
       requested_by, state, subject_text, common_name, email, serial, not_before, not_after,
       issued_at, refused, revoked_at, reason, requested_at, COALESCE(crl_part, CAST(0 AS UNSIGNED)) AS crl_part,
       renews, replaced_by, der
  FROM certificate WHERE id = :id AND tenant_id <=> :tenant

-- name: certificate_list
-- does: a tenant's certificates, newest first
-- role: portal signapi ctl signer
-- in: tenant tenant_id?, limit u32
-- rows: id certificate_id, authority authority_id, account account_id?, profile text(40),
--    profile_version u32, cps text(40), application application_id?, requested_by account_id?,
--    state text(10), subject_text text(1000), common_name text(200), email text(254),
--    serial bytes(20)?, not_before time?, not_after time?, issued_at time?, refused text(64),
--    revoked_at time?, reason u32, requested_at time, crl_part u32, renews certificate_id?,
--    replaced_by certificate_id?, der bytes(65535)?
SELECT id, authority_id,
       account_id, profile, COALESCE(profile_version, CAST(0 AS UNSIGNED)) AS profile_version, cps, application_id,
       requested_by, state, subject_text, common_name, email, serial, not_before, not_after,
       issued_at, refused, revoked_at, reason, requested_at, COALESCE(crl_part, CAST(0 AS UNSIGNED)) AS crl_part,
       renews, replaced_by, der
  FROM certificate WHERE tenant_id <=> :tenant ORDER BY id DESC LIMIT :limit

-- name: certificate_issuer
-- does: the issuer of a certificate, as the start of its chain
-- role: portal signapi worker ctl signer
-- tenant: all the chain of a certificate is public
-- in: id certificate_id
-- row: authority authority_id
SELECT authority_id FROM certificate WHERE id = :id

-- name: certificate_by_number
-- does: the certificate with that serial number of the issuer with that DER name
-- role: portal signapi worker ctl signer
-- tenant: all finds out which tenant a client certificate belongs to
-- in: issuer bytes(1024), serial bytes(20)
-- row: id certificate_id, tenant tenant_id?, authority authority_id, account account_id?, profile text(40),
--    profile_version u32, cps text(40), application application_id?, requested_by account_id?,
--    state text(10), subject_text text(1000), common_name text(200), email text(254),
--    serial bytes(20)?, not_before time?, not_after time?, issued_at time?, refused text(64),
--    revoked_at time?, reason u32, requested_at time, crl_part u32, renews certificate_id?,
--    replaced_by certificate_id?, der bytes(65535)?
SELECT c.id, c.tenant_id, c.authority_id,
       c.account_id, c.profile, COALESCE(c.profile_version, CAST(0 AS UNSIGNED)) AS profile_version, c.cps,
       c.application_id, c.requested_by, c.state, c.subject_text, c.common_name, c.email, c.serial,
       c.not_before, c.not_after, c.issued_at, c.refused, c.revoked_at, c.reason, c.requested_at,
       COALESCE(c.crl_part, CAST(0 AS UNSIGNED)) AS crl_part, c.renews, c.replaced_by, c.der
  FROM certificate c JOIN authority a ON a.id = c.authority_id
 WHERE a.subject = :issuer AND a.state <> 'making' AND c.serial = :serial LIMIT 1

-- name: certificate_to_prepare
-- does: a request as the worker needs it, locked
-- role: worker ctl
-- in: id certificate_id
-- row: authority authority_id, tenant tenant_id?, profile text(40), profile_version u32, state text(10),
--    subject bytes(2048), san text(8000)?, spki bytes(2048), validity_us i64
SELECT authority_id, tenant_id, profile, COALESCE(profile_version, CAST(0 AS UNSIGNED)), state, subject, san, spki, validity_us
  FROM certificate WHERE id = :id FOR UPDATE

-- name: certificate_prepared
-- does: store serial number and to-be-signed bytes before anything is signed
-- role: worker ctl
-- in: id certificate_id, serial bytes(20), tbs bytes(65535), not_before time, not_after time,
--    crl_part u32
-- out: changed
-- audit: exempt a step of issuing; request and release are audited
UPDATE certificate SET state = 'signing', serial = :serial, tbs = :tbs, not_before = :not_before,
       not_after = :not_after, crl_part = NULLIF(:crl_part, 0)
 WHERE id = :id AND state = 'requested'

-- name: certificate_refuse
-- does: give up on a request, for a reason
-- role: worker ctl
-- in: id certificate_id, refused text(64)
-- out: changed
UPDATE certificate SET state = 'refused', refused = :refused WHERE id = :id AND state = 'requested'

-- name: certificate_to_sign
-- does: the stored to-be-signed bytes, locked
-- role: worker ctl
-- in: id certificate_id
-- row: authority authority_id, tenant tenant_id?, profile text(40), profile_version u32, state text(10),
--    renews certificate_id?, tbs bytes(65535)?
SELECT authority_id, tenant_id, profile, COALESCE(profile_version, CAST(0 AS UNSIGNED)), state, renews, tbs
  FROM certificate WHERE id = :id FOR UPDATE

-- name: certificate_release
-- does: store the finished certificate
-- role: worker ctl
-- in: id certificate_id, der bytes(65535), fingerprint bytes32, now time
-- out: changed
UPDATE certificate SET state = 'issued', der = :der, fingerprint = :fingerprint, issued_at = :now
 WHERE id = :id AND state = 'signing'

-- name: certificate_replaced
-- does: remember the successor of a certificate
-- role: worker ctl
-- in: id certificate_id, successor certificate_id, tenant tenant_id?
-- out: changed
-- audit: exempt goes with the audited release of the successor
UPDATE certificate SET replaced_by = :successor WHERE id = :id AND tenant_id <=> :tenant

-- name: certificate_stuck
-- does: requests that no job seems to care for any more
-- role: worker
-- in: before time, limit u32
-- rows: id certificate_id, signing bool
SELECT id, state = 'signing' AS signing FROM certificate WHERE state IN ('requested', 'signing') AND requested_at < :before
 ORDER BY id LIMIT :limit

-- name: certificate_lock
-- does: what a change of status depends on, locked
-- role: portal worker ctl
-- in: id certificate_id, tenant tenant_id?
-- row: authority authority_id, profile text(40), profile_version u32, state text(10), revoked_at time?,
--    reason u32
SELECT authority_id, profile, COALESCE(profile_version, CAST(0 AS UNSIGNED)), state, revoked_at, reason FROM certificate
 WHERE id = :id AND tenant_id <=> :tenant FOR UPDATE

-- name: certificate_status
-- does: revoke, suspend or release a certificate
-- role: portal worker ctl
-- in: id certificate_id, tenant tenant_id?, state text(10), revoked_at time?, reason u32
-- out: changed
UPDATE certificate SET state = :state, revoked_at = :revoked_at, reason = :reason
 WHERE id = :id AND tenant_id <=> :tenant

-- name: crl_authorities
-- does: authorities whose newest lists are missing, out of date, or past half their life; long lists
--    not again within ten seconds, so that many revocations in a row do not make one each
-- role: worker ctl
-- in: now time, limit u32
-- rows: id authority_id
SELECT a.id FROM authority a LEFT JOIN crl c ON c.authority_id = a.id AND c.number = a.crl_number
 WHERE a.state <> 'making' AND a.not_after >= :now
   AND (c.id IS NULL
        OR (c.changes < a.changes AND (c.entries < 1000 OR c.this_update < :now - INTERVAL 10 SECOND))
        OR :now >= c.this_update + INTERVAL TIMESTAMPDIFF(SECOND, c.this_update, c.next_update) DIV 2
                   SECOND)
 ORDER BY a.id LIMIT :limit

-- name: crl_lock
-- does: an authority, locked for making its next lists
-- role: worker ctl
-- in: id authority_id
-- row: name text(40), url text(200), key_label text(64), subject bytes(1024), spki bytes(1024),
--    ski bytes(20), certificate bytes(8192)?, crl_days u32, crl_parts u32, crl_number u64, changes u64,
--    previous time?
SELECT a.name, a.url, a.key_label, a.subject, a.spki, a.ski, a.certificate, a.crl_days, a.crl_parts,
       a.crl_number, a.changes,
       (SELECT c.this_update FROM crl c WHERE c.authority_id = a.id AND c.number = a.crl_number)
       AS previous
  FROM authority a WHERE a.id = :id AND a.state <> 'making' FOR UPDATE

-- name: crl_entries
-- does: what a complete list must name: revoked, suspended; expired ones for some time
-- role: worker ctl
-- in: authority authority_id, since time, limit u32
-- rows: serial bytes(20)?, revoked_at time?, reason u32
SELECT serial, revoked_at, reason FROM certificate
 WHERE authority_id = :authority AND state IN ('revoked', 'suspended') AND not_after >= :since
   AND serial IS NOT NULL AND revoked_at IS NOT NULL
 ORDER BY serial LIMIT :limit

-- name: crl_entries_part
-- does: the same of one partition
-- role: worker ctl
-- in: authority authority_id, part u32, since time, limit u32
-- rows: serial bytes(20)?, revoked_at time?, reason u32
SELECT serial, revoked_at, reason FROM certificate
 WHERE authority_id = :authority AND crl_part = :part AND state IN ('revoked', 'suspended')
   AND not_after >= :since AND serial IS NOT NULL AND revoked_at IS NOT NULL
 ORDER BY serial LIMIT :limit

-- name: crl_add
-- does: publish a list
-- role: worker ctl
-- in: authority authority_id, part u32, number u64, changes u64, entries u32, this_update time,
--    next_update time, digest bytes32, der bytes(67108864)
INSERT INTO crl (authority_id, part, number, changes, entries, this_update, next_update, digest, der)
VALUES (:authority, :part, :number, :changes, :entries, :this_update, :next_update, :digest, :der)

-- name: crl_numbered
-- does: count the lists that were made
-- role: worker ctl
-- in: authority authority_id, before u64, number u64
-- out: changed
-- audit: exempt goes with the audited list
UPDATE authority SET crl_number = :number WHERE id = :authority AND crl_number = :before

-- name: crl_forget
-- does: drop old lists
-- role: worker ctl
-- in: authority authority_id, below u64
-- out: changed
-- audit: exempt replaced lists are of no use to anybody; their numbers are in the audit log
DELETE FROM crl WHERE authority_id = :authority AND number < :below

-- name: service_key_add
-- does: enter a key of the status token
-- role: ctl
-- in: kind text(10), authority authority_id, key_label text(64), subject bytes(1024),
--    spki bytes(1024), spki_sha256 bytes32, now time
INSERT INTO service_key (kind, authority_id, key_label, subject, spki, spki_sha256, created_at)
VALUES (:kind, :authority, :key_label, :subject, :spki, :spki_sha256, :now)

-- name: service_key_by_label
-- does: whether a key of the status token is known
-- role: ctl
-- in: key_label text(64)
-- row: kind text(10)
SELECT kind FROM service_key WHERE key_label = :key_label

-- name: service_key_due
-- does: services without a certificate that is still good for a third of its life, or as long as
--    the authority; a retired authority still has OCSP responders
-- role: worker ctl
-- in: now time, limit u32
-- rows: kind text(10), authority authority_id, subject bytes(1024), spki bytes(1024)
SELECT k.kind, k.authority_id, k.subject, k.spki
  FROM service_key k JOIN authority a ON a.id = k.authority_id
 WHERE a.not_after > :now AND (a.state = 'active' OR (a.state = 'retired' AND k.kind = 'ocsp'))
   AND NOT EXISTS (SELECT 1 FROM certificate c
   WHERE c.spki_sha256 = k.spki_sha256
     AND (c.state IN ('requested', 'signing')
          OR (c.state = 'issued' AND (c.not_after >= a.not_after OR c.not_after > :now
                + INTERVAL TIMESTAMPDIFF(SECOND, c.not_before, c.not_after) DIV 3 SECOND))))
 ORDER BY k.id LIMIT :limit

-- name: certificate_by_key
-- does: the newest certificate or request with this key
-- role: worker ctl
-- in: spki_sha256 bytes32
-- row: id certificate_id, state text(10)
SELECT id, state FROM certificate WHERE spki_sha256 = :spki_sha256 ORDER BY id DESC LIMIT 1

-- name: authority_install
-- does: give an authority the certificate that somebody else has issued, and those above it
-- role: ctl
-- in: id authority_id, certificate bytes(8192), above bytes(1048576), not_before time, not_after time
-- out: changed
UPDATE authority SET certificate = :certificate, above = :above, not_before = :not_before,
       not_after = :not_after, state = 'active'
 WHERE id = :id AND state = 'making'

-- name: authority_retire
-- does: let an authority issue nothing any more
-- role: ctl
-- in: id authority_id, now time
-- out: changed
UPDATE authority SET state = 'retired', retired_at = :now WHERE id = :id AND state = 'active'

-- name: authority_part
-- does: give an authority more partitions of its lists
-- role: ctl
-- in: id authority_id, parts u32
-- out: changed
UPDATE authority SET crl_parts = :parts, changes = changes + 1 WHERE id = :id AND crl_parts < :parts

-- name: authority_details
-- does: authorities for people, one or (name empty) all
-- role: ctl
-- in: name text(40), limit u32
-- rows: id authority_id, name text(40), parent text(40), external bool, state text(10), key_label text(64),
--    not_before time?, not_after time?, crl_days u32, crl_parts u32, crl_number u64, created_at time,
--    retired_at time?, certificate bytes(8192)?, certificates u64
SELECT a.id, a.name, COALESCE(p.name, '') AS parent, a.above IS NOT NULL AS external, a.state, a.key_label,
       a.not_before, a.not_after, a.crl_days, a.crl_parts, a.crl_number, a.created_at, a.retired_at,
       a.certificate, COALESCE((SELECT COUNT(*) FROM certificate c WHERE c.authority_id = a.id), 0) AS certificates
  FROM authority a LEFT JOIN authority p ON p.id = a.parent_id
 WHERE :name = '' OR a.name = :name ORDER BY a.id LIMIT :limit

-- name: ceremony_add
-- does: enter what a system administrator asks for
-- role: ctl
-- in: name text(40), kind text(8), plan text(4000), requested_by account_id, now time
INSERT INTO authority_ceremony (name, kind, plan, requested_by, requested_at)
VALUES (:name, :kind, :plan, :requested_by, :now)

-- name: ceremony_newest
-- does: the newest ceremony about an authority, locked
-- role: ctl
-- in: name text(40)
-- row: id u64, kind text(8), state text(10), plan text(4000), requested_by account_id,
--    approved_by account_id?, first_by account_id?, second_by account_id?
SELECT id, kind, state, plan, requested_by, approved_by, first_by, second_by FROM authority_ceremony
 WHERE name = :name ORDER BY id DESC LIMIT 1 FOR UPDATE

-- name: ceremony_approve
-- does: write down who approved
-- role: ctl
-- in: id u64, approved_by account_id, now time
-- out: changed
UPDATE authority_ceremony SET state = 'approved', approved_by = :approved_by, approved_at = :now
 WHERE id = :id AND state = 'planned'

-- name: ceremony_perform
-- does: write down which two performed it
-- role: ctl
-- in: id u64, first_by account_id, second_by account_id, now time
-- out: changed
UPDATE authority_ceremony SET state = 'performed', first_by = :first_by, second_by = :second_by,
       performed_at = :now
 WHERE id = :id AND state = 'approved'

-- name: ceremony_made
-- does: write down what came of it
-- role: ctl
-- in: id u64, authority authority_id
-- out: changed
UPDATE authority_ceremony SET authority_id = :authority WHERE id = :id

-- name: ceremony_cancel
-- does: give up a ceremony that was not performed
-- role: ctl
-- in: id u64
-- out: changed
UPDATE authority_ceremony SET state = 'cancelled' WHERE id = :id AND state IN ('planned', 'approved')

-- name: ceremony_list
-- does: the ceremonies about an authority, with names
-- role: ctl
-- tenant: all the people are the provider's
-- in: name text(40), limit u32
-- rows: id u64, kind text(8), state text(10), requested text(254), requested_at time, approved text(254),
--    approved_at time?, first text(254), second text(254), performed_at time?
SELECT c.id, c.kind, c.state, r.login AS requested, c.requested_at, COALESCE(ap.login, '') AS approved,
       c.approved_at, COALESCE(f.login, '') AS first, COALESCE(s.login, '') AS second, c.performed_at
  FROM authority_ceremony c JOIN account r ON r.id = c.requested_by
  LEFT JOIN account ap ON ap.id = c.approved_by LEFT JOIN account f ON f.id = c.first_by
  LEFT JOIN account s ON s.id = c.second_by
 WHERE c.name = :name ORDER BY c.id LIMIT :limit
