-- Statements of the registration slice: applications, their history, what came of them.

-- name: application_get
-- does: one application that was sent
-- role: portal worker ctl
-- in: tenant tenant_id, id application_id
-- row: receipt text(16)?, applicant account_id, subscriber account_id?, via text(8), kind text(8),
--    profile text(40), profile_version u32, key_source text(8), state text(10), title text(200),
--    fields text(60000), edited text(60000)?, csr bytes(65535)?, credential text(64)?,
--    validity_days u32, checks text(60000)?, contact text(254), lang text(2), approvals_needed u32,
--    first_approver account_id?, first_at time?, second_approver account_id?, second_at time?,
--    decision_note text(2000)?, renews certificate_id?, certificate certificate_id?,
--    refused text(64), generation u32, created_at time, submitted_at time?, changed_at time,
--    decided_at time?
SELECT receipt, applicant_id, subscriber_id, via, kind, profile, profile_version, key_source, state,
       title, fields, edited, csr, credential, validity_days, checks, contact, lang,
       approvals_needed, first_approver, first_at, second_approver, second_at, decision_note, renews,
       certificate_id, refused, generation, created_at, submitted_at, changed_at, decided_at
  FROM application WHERE id = :id AND tenant_id = :tenant AND receipt IS NOT NULL

-- name: application_names
-- does: the names of the people an application is about
-- role: portal worker ctl
-- in: tenant tenant_id, id application_id
-- row: applicant text(120)?, subscriber text(120)?, first text(120)?, second text(120)?
SELECT p.name, s.name, f.name, g.name
  FROM application a LEFT JOIN account p ON p.id = a.applicant_id
  LEFT JOIN account s ON s.id = a.subscriber_id LEFT JOIN account f ON f.id = a.first_approver
  LEFT JOIN account g ON g.id = a.second_approver
 WHERE a.id = :id AND a.tenant_id = :tenant

-- name: application_by_receipt
-- does: the application with that receipt number
-- role: portal worker ctl
-- in: tenant tenant_id, receipt text(16)
-- row: id application_id
SELECT id FROM application WHERE tenant_id = :tenant AND receipt = :receipt

-- name: application_by_certificate
-- does: the application that a certificate comes from
-- role: worker ctl
-- tenant: all a hook of the authority, which knows the certificate only
-- in: certificate certificate_id
-- row: id application_id, tenant tenant_id, state text(10)
SELECT id, tenant_id, state FROM application WHERE certificate_id = :certificate

-- name: application_tenant
-- does: whose an application is, for a job that knows its number only
-- role: worker ctl
-- tenant: all a job of this slice
-- in: id application_id
-- row: tenant tenant_id
SELECT tenant_id FROM application WHERE id = :id AND receipt IS NOT NULL

-- name: application_add
-- does: file an application
-- role: portal worker ctl
-- in: receipt text(16), tenant tenant_id, applicant account_id, subscriber account_id?, via text(8),
--    kind text(8), profile text(40), profile_version u32, key_source text(8), title text(200),
--    fields text(60000), csr bytes(65535)?, spki_sha256 bytes(32)?, credential text(64)?,
--    validity_days u32, checks text(60000), contact text(254), lang text(2), approvals_needed u32,
--    renews certificate_id?, now time
-- out: id application_id
INSERT INTO application (receipt, tenant_id, applicant_id, subscriber_id, via, kind, profile,
  profile_version, key_source, state, title, fields, csr, spki_sha256, credential, validity_days,
  checks, contact, lang, approvals_needed, renews, created_at, submitted_at, changed_at)
VALUES (:receipt, :tenant, :applicant, :subscriber, :via, :kind, :profile, :profile_version,
  :key_source, 'waiting', :title, :fields, :csr, :spki_sha256, :credential, :validity_days, :checks,
  :contact, :lang, :approvals_needed, :renews, :now, :now, :now)

-- name: application_send
-- does: file what was a draft
-- role: portal ctl
-- in: id application_id, tenant tenant_id, applicant account_id, receipt text(16),
--    subscriber account_id?, profile_version u32, key_source text(8), title text(200),
--    fields text(60000), csr bytes(65535)?, spki_sha256 bytes(32)?, credential text(64)?,
--    validity_days u32, checks text(60000), contact text(254), lang text(2), approvals_needed u32,
--    now time
-- out: changed
UPDATE application SET state = 'waiting', receipt = :receipt, subscriber_id = :subscriber,
       profile_version = :profile_version, key_source = :key_source, title = :title,
       fields = :fields, csr = :csr, spki_sha256 = :spki_sha256, credential = :credential,
       validity_days = :validity_days, checks = :checks, contact = :contact, lang = :lang,
       approvals_needed = :approvals_needed, submitted_at = :now, changed_at = :now,
       generation = generation + 1
 WHERE id = :id AND tenant_id = :tenant AND applicant_id = :applicant AND state = 'draft'

-- name: application_send_again
-- does: send a returned application again, corrected
-- role: portal ctl
-- in: id application_id, tenant tenant_id, generation u32, profile_version u32,
--    key_source text(8), title text(200), fields text(60000), csr bytes(65535)?,
--    spki_sha256 bytes(32)?, credential text(64)?, validity_days u32, checks text(60000),
--    approvals_needed u32, now time
-- out: changed
UPDATE application SET state = 'waiting', profile_version = :profile_version,
       key_source = :key_source, title = :title, fields = :fields, edited = NULL, csr = :csr,
       spki_sha256 = :spki_sha256, credential = :credential, validity_days = :validity_days,
       checks = :checks, approvals_needed = :approvals_needed, first_approver = NULL,
       first_at = NULL, second_approver = NULL, second_at = NULL, decision_note = NULL,
       decided_at = NULL, changed_at = :now, generation = generation + 1
 WHERE id = :id AND tenant_id = :tenant AND state = 'returned' AND generation = :generation

-- name: application_csr
-- does: keep the request of an approved application; of the same one once more there is no harm
-- role: portal worker ctl
-- in: id application_id, tenant tenant_id, csr bytes(65535), spki_sha256 bytes32, now time
-- out: changed
UPDATE application SET csr = :csr, spki_sha256 = :spki_sha256, changed_at = :now
 WHERE id = :id AND tenant_id = :tenant AND state = 'approved' AND certificate_id IS NULL
   AND (csr IS NULL OR csr = :csr)

-- name: application_certificate
-- does: note which certificate was asked for
-- role: worker ctl
-- in: id application_id, tenant tenant_id, certificate certificate_id, now time
-- out: changed
UPDATE application SET certificate_id = :certificate, changed_at = :now
 WHERE id = :id AND tenant_id = :tenant AND state = 'approved' AND certificate_id IS NULL

-- name: application_ended
-- does: note that the certificate is issued, or refused for a reason
-- role: worker ctl
-- in: id application_id, tenant tenant_id, state text(10), refused text(64), now time
-- out: changed
UPDATE application SET state = :state, refused = :refused, changed_at = :now,
       generation = generation + 1
 WHERE id = :id AND tenant_id = :tenant AND state = 'approved'

-- name: application_event_add
-- does: add to the history of an application
-- role: portal worker ctl
-- in: application application_id, tenant tenant_id, now time, actor account_id?, kind text(16),
--    note text(2000)?
-- audit: exempt goes with the audited change
INSERT INTO application_event (application_id, tenant_id, at, actor_id, kind, note)
VALUES (:application, :tenant, :now, :actor, :kind, :note)

-- name: application_events
-- does: the history of an application
-- role: portal worker ctl
-- in: tenant tenant_id, application application_id
-- rows: at time, actor account_id?, actor_name text(120)?, kind text(16), note text(2000)?
SELECT e.at, e.actor_id, a.name, e.kind, e.note
  FROM application_event e LEFT JOIN account a ON a.id = e.actor_id
 WHERE e.application_id = :application AND e.tenant_id = :tenant ORDER BY e.id LIMIT 500

-- name: application_same_name
-- does: certificates in force with this subject
-- role: portal worker ctl
-- in: tenant tenant_id, profile text(40), common_name text(200), subject bytes(2048), now time,
--    except certificate_id?
-- rows: id certificate_id, account account_id?, email text(254), serial bytes(20)?, not_after time?
SELECT id, account_id, email, serial, not_after FROM certificate
 WHERE tenant_id = :tenant AND common_name IN (:common_name, '') AND profile = :profile
   AND subject = :subject AND state IN ('issued', 'suspended') AND not_after > :now
   AND NOT id <=> :except
 ORDER BY id LIMIT 5

-- name: application_same_title
-- does: other applications for the same name that nobody has decided yet
-- role: portal worker ctl
-- in: tenant tenant_id, profile text(40), title text(200), except application_id?
-- rows: receipt text(16)?
SELECT receipt FROM application
 WHERE tenant_id = :tenant AND title = :title AND profile = :profile
   AND state IN ('waiting', 'returned', 'held', 'approved') AND NOT id <=> :except
 ORDER BY id LIMIT 1

-- name: application_same_key
-- does: whether an open application has this key, and whether one of somebody else does
-- role: portal worker ctl
-- tenant: all a key shared between customers is what is looked for; nothing of the row is shown
-- in: spki_sha256 bytes32, tenant tenant_id, subscriber account_id?, except application_id?
-- row: own u64, others u64
SELECT COUNT(CASE WHEN tenant_id = :tenant AND subscriber_id <=> :subscriber THEN 1 END),
       COUNT(CASE WHEN NOT (tenant_id = :tenant AND subscriber_id <=> :subscriber) THEN 1 END)
  FROM application
 WHERE spki_sha256 = :spki_sha256 AND state IN ('waiting', 'returned', 'held', 'approved')
   AND NOT id <=> :except

-- name: application_renewed
-- does: the certificate to be renewed, locked, and whether it is being renewed already
-- role: portal worker ctl
-- in: tenant tenant_id, certificate certificate_id, except application_id?
-- row: profile text(40), account account_id?, state text(10), replaced bool, not_after time?, open bool
SELECT c.profile, c.account_id, c.state, c.replaced_by IS NOT NULL, c.not_after,
       EXISTS (SELECT 1 FROM application a WHERE a.renews = c.id AND a.tenant_id = :tenant
         AND a.state IN ('waiting', 'returned', 'held', 'approved') AND NOT a.id <=> :except)
  FROM certificate c WHERE c.id = :certificate AND c.tenant_id = :tenant FOR UPDATE

-- name: certificate_refusal
-- does: why the authority refused a certificate
-- role: worker ctl
-- tenant: all a hook of the authority, which knows the certificate only
-- in: certificate certificate_id
-- row: refused text(64)
SELECT refused FROM certificate WHERE id = :certificate

-- name: registration_key_put
-- does: keep the key of an application until its certificate is there
-- role: portal ctl
-- in: application application_id, tenant tenant_id, public_id text(32), label text(120),
--    key_kind text(16), key_blob bytes(4096), spki bytes(1024), now time
INSERT INTO registration_key (application_id, tenant_id, public_id, label, key_kind, key_blob, spki,
  created_at)
VALUES (:application, :tenant, :public_id, :label, :key_kind, :key_blob, :spki, :now)
ON DUPLICATE KEY UPDATE public_id = :public_id, label = :label, key_kind = :key_kind,
  key_blob = :key_blob, spki = :spki, created_at = :now

-- name: registration_key_get
-- does: the key that a certificate was issued for, when it waits for it
-- role: worker ctl
-- tenant: all a hook of the authority, which knows the certificate only
-- in: certificate certificate_id
-- row: application application_id, tenant tenant_id, subscriber account_id?, public_id text(32),
--    label text(120), key_kind text(16), key_blob bytes(4096), spki bytes(1024)
SELECT k.application_id, k.tenant_id, a.subscriber_id, k.public_id, k.label, k.key_kind, k.key_blob,
       k.spki
  FROM registration_key k JOIN application a ON a.id = k.application_id
 WHERE a.certificate_id = :certificate

-- name: registration_key_drop
-- does: forget a key that became a credential
-- role: worker ctl
-- in: application application_id
-- out: changed
-- tenant: all the application was found by its certificate
-- audit: exempt goes with the audited release
DELETE FROM registration_key WHERE application_id = :application

-- name: registration_key_purge
-- does: erase the keys of applications that ended without certificate
-- role: worker
-- out: changed
-- audit: exempt the end of the application is audited
DELETE FROM registration_key
 WHERE application_id IN (SELECT id FROM application
   WHERE state IN ('rejected', 'withdrawn', 'refused')) LIMIT 100
