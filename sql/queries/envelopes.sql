-- Statements of the envelopes slice. What is found by number was found in the tenant before.

-- name: envelope_add
-- does: begin a draft
-- role: portal signapi
-- in: public_id text(32), tenant tenant_id, account account_id?, client client_id?, sender text(120), organisation text(120), now time, keep_until time
-- out: id envelope_id
INSERT INTO envelope (public_id, tenant_id, account_id, client_id, sender_name, organisation, created_at, keep_until)
VALUES (:public_id, :tenant, :account, :client, :sender, :organisation, :now, :keep_until)

-- name: envelope_of
-- does: find an envelope of its sender
-- role: portal signapi
-- in: tenant tenant_id, account account_id?, client client_id?, public_id text(64)
-- row: id envelope_id, public_id text(32), tenant tenant_id, account account_id?, client client_id?, sender text(120), organisation text(120), title text(120)?, message text(2000)?, state text(16), ordered bool, remind_days u32, deadline time?, agreed_until time?, created time, sent time?, ended time?, end_reason text(500)?, erase_at time?, erased time?, report document_id?, report_digest bytes(32)?
SELECT id, public_id, tenant_id, account_id, client_id, sender_name, organisation, title, message, state, ordered,
  remind_days, deadline, agreed_until, created_at, sent_at, ended_at, end_reason, erase_at, erased_at,
  report_id, report_digest
FROM envelope WHERE tenant_id = :tenant AND account_id <=> :account AND client_id <=> :client
  AND public_id = :public_id

-- name: envelope_get
-- does: read an envelope that was found through one of its parties
-- role: portal worker signer
-- tenant: all by the id that a party's link, cookie or account led to
-- in: envelope envelope_id
-- row: id envelope_id, public_id text(32), tenant tenant_id, account account_id?, client client_id?, sender text(120), organisation text(120), title text(120)?, message text(2000)?, state text(16), ordered bool, remind_days u32, deadline time?, agreed_until time?, created time, sent time?, ended time?, end_reason text(500)?, erase_at time?, erased time?, report document_id?, report_digest bytes(32)?
SELECT id, public_id, tenant_id, account_id, client_id, sender_name, organisation, title, message, state, ordered,
  remind_days, deadline, agreed_until, created_at, sent_at, ended_at, end_reason, erase_at, erased_at,
  report_id, report_digest
FROM envelope WHERE id = :envelope

-- name: envelope_lock
-- does: let one transaction at a time change an envelope; changed 0: it is not in that state
-- role: portal signapi worker signer
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id, state text(16)
-- out: changed
-- audit: exempt it changes nothing; what it is taken for has its audit row
UPDATE envelope SET state = state WHERE id = :envelope AND state = :state

-- name: envelope_list
-- does: list the envelopes of a sender; a person has few, so the order may be made at run time
-- role: portal signapi
-- in: tenant tenant_id, account account_id?, client client_id?, title text(120), state text(16), sort text(16), skip u32, most u32
-- rows: id envelope_id, public_id text(32), title text(120)?, state text(16), ordered bool, deadline time?, created time, sent time?, ended time?, erase_at time?, erased time?, documents u64, signers u64, signed_by u64
SELECT e.id, e.public_id, e.title, e.state, e.ordered, e.deadline, e.created_at, e.sent_at, e.ended_at,
  e.erase_at, e.erased_at, COALESCE((SELECT COUNT(*) FROM envelope_document d WHERE d.envelope_id = e.id), 0),
  COALESCE((SELECT COUNT(*) FROM envelope_party p WHERE p.envelope_id = e.id AND p.kind = 'signer'), 0),
  COALESCE((SELECT COUNT(*) FROM envelope_party p WHERE p.envelope_id = e.id AND p.state = 'signed'), 0)
FROM envelope e WHERE e.tenant_id = :tenant AND e.account_id <=> :account AND e.client_id <=> :client
  AND (:title = '' OR INSTR(e.title, :title) > 0) AND (:state = '' OR e.state = :state)
ORDER BY CASE :sort WHEN 'title' THEN e.title END, CASE :sort WHEN '-title' THEN e.title END DESC,
  CASE :sort WHEN 'deadline' THEN e.deadline WHEN 'time' THEN e.created_at END,
  CASE :sort WHEN '-deadline' THEN e.deadline END DESC,
  e.created_at DESC, e.id DESC LIMIT :skip, :most

-- name: envelope_count
-- does: count what the list shows
-- role: portal signapi
-- in: tenant tenant_id, account account_id?, client client_id?, title text(120), state text(16)
-- row: n u64
SELECT COUNT(*) FROM envelope WHERE tenant_id = :tenant AND account_id <=> :account
  AND client_id <=> :client AND (:title = '' OR INSTR(title, :title) > 0)
  AND (:state = '' OR state = :state)

-- name: envelope_terms
-- does: write what the sender says about a draft
-- role: portal signapi
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id, title text(120)?, message text(2000)?, ordered bool, remind_days u32, deadline time?
-- out: changed
UPDATE envelope SET title = :title, message = :message, ordered = :ordered, remind_days = :remind_days,
  deadline = :deadline
WHERE id = :envelope AND state = 'draft'

-- name: envelope_send
-- does: send a draft; the sender has agreed to the holding period
-- role: portal signapi
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id, agreed_until time, now time, keep_until time
-- out: changed
UPDATE envelope SET state = 'sent', agreed_until = :agreed_until, agreed_at = :now, sent_at = :now,
  keep_until = :keep_until
WHERE id = :envelope AND state = 'draft'

-- name: envelope_end
-- does: end an envelope that is being signed
-- role: portal signapi worker
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id, state text(16), reason text(500)?, now time, erase_at time
-- out: changed
UPDATE envelope SET state = :state, end_reason = :reason, ended_at = :now, erase_at = :erase_at
WHERE id = :envelope AND state = 'sent'

-- name: envelope_completing
-- does: note that all have signed
-- role: portal
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id
-- out: changed
UPDATE envelope SET state = 'completing' WHERE id = :envelope AND state = 'sent'
  AND NOT EXISTS (SELECT 1 FROM envelope_party p WHERE p.envelope_id = :envelope
    AND p.kind = 'signer' AND p.state <> 'signed')

-- name: envelope_completed
-- does: note that files and report are made
-- role: signer
-- in: envelope envelope_id, report document_id, digest bytes32, now time, erase_at time
-- out: changed
UPDATE envelope SET state = 'completed', report_id = :report, report_digest = :digest, ended_at = :now,
  erase_at = :erase_at
WHERE id = :envelope AND state = 'completing'

-- name: envelope_drop
-- does: forget a draft
-- role: portal signapi worker
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id
-- out: changed
DELETE FROM envelope WHERE id = :envelope AND state = 'draft'

-- name: envelope_erased
-- does: forget the words of an envelope whose documents are gone
-- role: worker
-- in: envelope envelope_id, now time
-- out: changed
UPDATE envelope SET title = NULL, message = NULL, erased_at = :now
WHERE id = :envelope AND erased_at IS NULL AND state <> 'draft'

-- name: envelope_due_erase
-- does: list the envelopes whose documents' time is up, also those that could not be completed
-- role: worker
-- in: now time, most u32
-- rows: id envelope_id, tenant tenant_id
SELECT id, tenant_id FROM envelope WHERE erased_at IS NULL AND (erase_at <= :now
  OR (state = 'completing' AND agreed_until <= :now - INTERVAL 8 HOUR)) ORDER BY erase_at LIMIT :most

-- name: envelope_due_expire
-- does: list the envelopes whose deadline has passed
-- role: worker
-- in: now time, most u32
-- rows: id envelope_id, tenant tenant_id
SELECT id, tenant_id FROM envelope WHERE state = 'sent' AND deadline <= :now ORDER BY deadline LIMIT :most

-- name: envelope_due_remind
-- does: list the signers who are to be reminded: so many days after the last mail
-- role: worker
-- in: now time, most u32
-- rows: party party_id, envelope envelope_id, tenant tenant_id
SELECT p.id, e.id, e.tenant_id FROM envelope_party p JOIN envelope e ON e.id = p.envelope_id
WHERE e.state = 'sent' AND e.remind_days > 0 AND e.deadline > :now AND p.state = 'turn'
  AND COALESCE(p.reminded_at, p.invited_at) <= :now - INTERVAL e.remind_days DAY
ORDER BY p.id LIMIT :most

-- name: envelope_purge
-- does: forget envelopes whose seven years are over, and drafts that nobody sent
-- role: worker
-- in: now time, most u32
-- out: changed
DELETE FROM envelope WHERE keep_until < :now
  AND (state NOT IN ('sent', 'completing') OR erased_at IS NOT NULL) LIMIT :most

-- name: paper_add
-- does: put a document into a draft
-- role: portal signapi
-- in: envelope envelope_id, document document_id, seq u32, pages u32
-- out: id paper_id
INSERT INTO envelope_document (envelope_id, document_id, seq, pages)
VALUES (:envelope, :document, :seq, :pages)

-- name: paper_list
-- does: list the documents of an envelope
-- role: portal signapi worker signer
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id
-- rows: id paper_id, document document_id, public_id text(32), filename text(255)?, size u64, pages u32, digest bytes32, state text(16), version u32, delete_at time, digest_sent bytes(32)?, digest_done bytes(32)?
SELECT x.id, x.document_id, d.public_id, d.filename, d.size, x.pages, d.digest, d.state, d.version,
  d.delete_at, x.digest_sent, x.digest_done
FROM envelope_document x JOIN document d ON d.id = x.document_id
WHERE x.envelope_id = :envelope ORDER BY x.seq, x.id LIMIT 100

-- name: paper_drop
-- does: take a document out of a draft
-- role: portal signapi
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id, paper paper_id
-- out: changed
DELETE FROM envelope_document WHERE envelope_id = :envelope AND id = :paper

-- name: paper_sent
-- does: keep the digest of a document as it was sent
-- role: portal signapi
-- tenant: all by the id of an envelope that was found before
-- in: paper paper_id, digest bytes32
UPDATE envelope_document SET digest_sent = :digest WHERE id = :paper AND digest_sent IS NULL

-- name: paper_release
-- does: let the documents of an envelope go at that time, never later than before
-- role: portal signapi worker signer
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id, until time
-- out: changed
UPDATE document SET delete_at = :until WHERE delete_at > :until AND state <> 'deleted'
  AND id IN (SELECT x.document_id FROM envelope_document x WHERE x.envelope_id = :envelope)

-- name: paper_done
-- does: keep the digest of a document as it was completed
-- role: signer
-- in: paper paper_id, digest bytes32
UPDATE envelope_document SET digest_done = :digest WHERE id = :paper

-- name: party_add
-- does: put a person into a draft
-- role: portal signapi
-- in: public_id text(32), envelope envelope_id, seq u32, kind text(8), name text(120), mail text(254), lang text(2), method text(8)
-- out: id party_id
INSERT INTO envelope_party (public_id, envelope_id, seq, kind, name, mail, lang, method)
VALUES (:public_id, :envelope, :seq, :kind, :name, :mail, :lang, :method)

-- name: party_list
-- does: list the people of an envelope in order
-- role: portal signapi worker signer
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id
-- rows: id party_id, envelope envelope_id, public_id text(32), seq u32, kind text(8), name text(120), mail text(254), lang text(2), method text(8), account account_id?, state text(8), invited time?, opened time?, signed_at time?, declined time?, decline_reason text(500)?, reminded time?, by_hand time?, code_failures u32
SELECT id, envelope_id, public_id, seq, kind, name, mail, lang, method, account_id, state, invited_at,
  opened_at, signed_at, declined_at, decline_reason, reminded_at, reminded_by_hand_at, code_failures
FROM envelope_party WHERE envelope_id = :envelope ORDER BY kind DESC, seq, id LIMIT 100

-- name: party_get
-- does: read a person of an envelope
-- role: portal signapi worker signer
-- tenant: all by the id that a link, cookie or job led to
-- in: party party_id
-- row: id party_id, envelope envelope_id, public_id text(32), seq u32, kind text(8), name text(120), mail text(254), lang text(2), method text(8), account account_id?, state text(8), invited time?, opened time?, signed_at time?, declined time?, decline_reason text(500)?, reminded time?, by_hand time?, code_failures u32
SELECT id, envelope_id, public_id, seq, kind, name, mail, lang, method, account_id, state, invited_at,
  opened_at, signed_at, declined_at, decline_reason, reminded_at, reminded_by_hand_at, code_failures
FROM envelope_party WHERE id = :party

-- name: party_drop
-- does: take a person out of a draft
-- role: portal signapi
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id, party party_id
-- out: changed
DELETE FROM envelope_party WHERE envelope_id = :envelope AND id = :party

-- name: party_seq
-- does: give a person another place in the order
-- role: portal signapi
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id, party party_id, seq u32
UPDATE envelope_party SET seq = :seq WHERE envelope_id = :envelope AND id = :party

-- name: party_bind
-- does: bind a person to the account of the sender's organisation that has this mail address
-- role: portal signapi
-- in: tenant tenant_id, party party_id, mail text(254)
-- out: changed
UPDATE envelope_party SET account_id = (SELECT MIN(a.id) FROM account a WHERE a.tenant_id = :tenant
    AND a.email = :mail AND a.state = 'active')
WHERE id = :party AND account_id IS NULL

-- name: party_claim
-- does: bind a person to the account that opened the link; only the invited address
-- role: portal
-- tenant: all the link led to the party, the session to the account
-- in: party party_id, account account_id
-- out: changed
UPDATE envelope_party SET account_id = :account WHERE id = :party
  AND (account_id IS NULL OR account_id = :account)
  AND EXISTS (SELECT 1 FROM account a WHERE a.id = :account AND a.state = 'active'
    AND LOWER(a.email) = LOWER(envelope_party.mail))

-- name: party_turn
-- does: make it the turn of the next signers: all of them, or those of the lowest number
-- role: portal signapi worker
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id, ordered bool
-- out: changed
UPDATE envelope_party SET state = 'turn' WHERE envelope_id = :envelope AND kind = 'signer'
  AND state = 'waiting' AND (NOT :ordered OR seq = (SELECT MIN(q.seq) FROM envelope_party q
    WHERE q.envelope_id = :envelope AND q.kind = 'signer' AND q.state <> 'signed'))

-- name: party_invited
-- does: note that the invitation was ordered
-- role: portal signapi worker
-- tenant: all by the id of an envelope that was found before
-- in: party party_id, now time
UPDATE envelope_party SET invited_at = :now WHERE id = :party

-- name: party_sign
-- does: the order, the state and the deadline, enforced: changed 0 is a refusal
-- role: portal
-- tenant: all by the id that a link, cookie or account led to
-- in: party party_id, now time
-- out: changed
UPDATE envelope_party SET state = 'signed', signed_at = :now WHERE id = :party AND kind = 'signer'
  AND state = 'turn' AND opened_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM envelope e WHERE e.id = envelope_party.envelope_id AND e.state = 'sent'
    AND e.deadline > :now)
  AND NOT EXISTS (SELECT 1 FROM envelope_party q JOIN envelope e ON e.id = q.envelope_id
    WHERE q.envelope_id = envelope_party.envelope_id AND e.ordered = 1 AND q.kind = 'signer'
    AND q.seq < envelope_party.seq AND q.state <> 'signed')

-- name: party_decline
-- does: decline to sign
-- role: portal
-- tenant: all by the id that a link, cookie or account led to
-- in: party party_id, reason text(500), now time
-- out: changed
UPDATE envelope_party SET state = 'declined', declined_at = :now, decline_reason = :reason,
  opened_at = COALESCE(opened_at, :now)
WHERE id = :party AND kind = 'signer' AND state = 'turn'

-- name: party_ended
-- does: nobody else signs an envelope that has ended
-- role: portal signapi worker
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id
-- out: changed
UPDATE envelope_party SET state = 'ended' WHERE envelope_id = :envelope AND state IN ('waiting', 'turn')

-- name: party_opened
-- does: note the first look at the documents
-- role: portal
-- tenant: all by the id that a link, cookie or account led to
-- in: party party_id, now time
-- out: changed
UPDATE envelope_party SET opened_at = :now WHERE id = :party AND opened_at IS NULL

-- name: party_readdress
-- does: write another name and address for a person who has not opened the envelope
-- role: portal signapi
-- tenant: all by the id of an envelope that was found before
-- in: party party_id, name text(120), mail text(254), lang text(2), method text(8)
-- out: changed
UPDATE envelope_party SET name = :name, mail = :mail, lang = :lang, method = :method, account_id = NULL,
  code_hash = NULL, code_until = NULL, code_tries = 0, code_failures = 0
WHERE id = :party AND opened_at IS NULL AND state IN ('waiting', 'turn')

-- name: party_reminded
-- does: note a reminder
-- role: worker
-- in: party party_id, now time
-- out: changed
UPDATE envelope_party SET reminded_at = :now WHERE id = :party AND state = 'turn'

-- name: party_reminded_by_hand
-- does: note a reminder that the sender asked for: once a day; wrong codes are forgotten
-- role: portal signapi
-- tenant: all by the id of an envelope that was found before
-- in: party party_id, now time, since time
-- out: changed
UPDATE envelope_party SET reminded_at = :now, reminded_by_hand_at = :now, code_failures = 0
WHERE id = :party AND state = 'turn'
  AND (reminded_by_hand_at IS NULL OR reminded_by_hand_at <= :since)

-- name: party_code
-- does: keep the digest of a new code
-- role: portal
-- tenant: all by the id that a link led to
-- in: party party_id, hash bytes32, until time, before time, failures u32
-- out: changed
UPDATE envelope_party SET code_hash = :hash, code_until = :until, code_tries = 0
WHERE id = :party AND code_failures < :failures
  AND (code_hash IS NULL OR code_until <= :before)

-- name: party_code_try
-- does: count a try before the code is looked at; changed 0: none is left
-- role: portal
-- tenant: all by the id that a link led to
-- in: party party_id, now time, most u32
-- out: changed
UPDATE envelope_party SET code_tries = code_tries + 1, code_failures = code_failures + 1
WHERE id = :party AND code_hash IS NOT NULL AND code_until > :now AND code_tries < :most

-- name: party_code_get
-- does: read the digest of the code
-- role: portal
-- tenant: all by the id that a link led to
-- in: party party_id
-- row: hash bytes(32)?, tries u32
SELECT code_hash, code_tries FROM envelope_party WHERE id = :party

-- name: party_code_used
-- does: a code is good once
-- role: portal
-- tenant: all by the id that a link led to
-- in: party party_id, hash bytes32
-- out: changed
UPDATE envelope_party SET code_hash = NULL, code_until = NULL, code_tries = 0, code_failures = 0
WHERE id = :party AND code_hash = :hash

-- name: party_inbox
-- does: list what an account was asked to sign
-- role: portal
-- tenant: all bound to the account, whoever sent it
-- in: account account_id, skip u32, most u32
-- rows: party text(32), state text(8), invited time?, envelope envelope_id, title text(120)?, sender text(120), envelope_state text(16), deadline time?
SELECT p.public_id, p.state, p.invited_at, e.id, e.title, e.sender_name, e.state, e.deadline
FROM envelope_party p JOIN envelope e ON e.id = p.envelope_id
WHERE p.account_id = :account AND p.invited_at IS NOT NULL AND e.erased_at IS NULL
ORDER BY p.state = 'turn' DESC, e.deadline, p.id DESC LIMIT :skip, :most

-- name: party_inbox_count
-- does: count what the inbox shows, and what waits for the account
-- role: portal
-- tenant: all bound to the account, whoever sent it
-- in: account account_id
-- row: n u64, waiting u64
SELECT COUNT(*), CAST(COALESCE(SUM(p.state = 'turn' AND e.state = 'sent'), 0) AS UNSIGNED)
FROM envelope_party p JOIN envelope e ON e.id = p.envelope_id
WHERE p.account_id = :account AND p.invited_at IS NOT NULL AND e.erased_at IS NULL

-- name: party_by_public
-- does: find a person by public id, for a seat
-- role: portal
-- tenant: all the caller proves to be this person
-- in: public_id text(64)
-- row: id party_id, account account_id?
SELECT id, account_id FROM envelope_party WHERE public_id = :public_id

-- name: field_add
-- does: put a seal on a page
-- role: portal signapi
-- in: party party_id, paper paper_id, page u32, place text(16), x u32, y u32, size u32
-- out: id field_id
INSERT INTO envelope_field (party_id, envelope_document_id, page, place, x, y, size)
VALUES (:party, :paper, :page, :place, :x, :y, :size)

-- name: field_list
-- does: list where a person's seals go
-- role: portal signapi
-- tenant: all by the id of a person that was found before
-- in: party party_id
-- rows: id field_id, paper paper_id, page u32, place text(16), x u32, y u32, size u32
SELECT id, envelope_document_id, page, place, x, y, size FROM envelope_field
WHERE party_id = :party ORDER BY envelope_document_id, page, id LIMIT 100

-- name: field_drop
-- does: take a seal off a page
-- role: portal signapi
-- tenant: all by the id of a person that was found before
-- in: party party_id, field field_id
-- out: changed
DELETE FROM envelope_field WHERE party_id = :party AND id = :field

-- name: link_add
-- does: keep the digest of a link
-- role: worker
-- in: hash bytes32, party party_id, now time, until time
INSERT INTO envelope_link (token_hash, party_id, created_at, expire_at)
VALUES (:hash, :party, :now, :until)

-- name: link_get
-- does: whose link is this
-- role: portal
-- tenant: all the token is the proof
-- in: hash bytes32, now time
-- row: party party_id
SELECT party_id FROM envelope_link WHERE token_hash = :hash AND expire_at > :now

-- name: link_drop
-- does: void the links of a person
-- role: portal signapi
-- tenant: all by the id of a person that was found before
-- in: party party_id
-- out: changed
DELETE FROM envelope_link WHERE party_id = :party

-- name: link_purge
-- does: forget links that are over
-- role: worker
-- in: now time, most u32
-- out: changed
-- audit: exempt housekeeping of links that are over
DELETE FROM envelope_link WHERE expire_at < :now LIMIT :most

-- name: link_end
-- does: links of an ended envelope are good for as long as its documents are
-- role: portal signapi worker signer
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id, until time
-- out: changed
UPDATE envelope_link SET expire_at = :until WHERE expire_at > :until
  AND party_id IN (SELECT p.id FROM envelope_party p WHERE p.envelope_id = :envelope)

-- name: visit_add
-- does: keep the digest of a visitor's cookie
-- role: portal
-- in: hash bytes32, party party_id, now time, until time
INSERT INTO envelope_visit (cookie_hash, party_id, created_at, expire_at)
VALUES (:hash, :party, :now, :until)

-- name: visit_get
-- does: whose cookie is this
-- role: portal
-- tenant: all the cookie is the proof
-- in: hash bytes32, now time
-- row: party party_id
SELECT party_id FROM envelope_visit WHERE cookie_hash = :hash AND expire_at > :now

-- name: visit_drop
-- does: end the visits of a person
-- role: portal signapi
-- tenant: all by the id of a person that was found before
-- in: party party_id
-- out: changed
DELETE FROM envelope_visit WHERE party_id = :party

-- name: visit_purge
-- does: forget visits that are over
-- role: worker
-- in: now time, most u32
-- out: changed
-- audit: exempt housekeeping of visits that are over
DELETE FROM envelope_visit WHERE expire_at < :now LIMIT :most

-- name: envelope_signature_add
-- does: keep who signed which document, for seven years
-- role: portal
-- in: party party_id, paper paper_id, record text(32), before bytes32, after bytes32, certificate text(64), tsa_serial text(64)?, tsa_time time?, now time, address text(64), identified text(40)
INSERT INTO envelope_signature (party_id, envelope_document_id, record, digest_before, digest_after,
  certificate, tsa_serial, tsa_time, signed_at, address, identified)
VALUES (:party, :paper, :record, :before, :after, :certificate, :tsa_serial, :tsa_time, :now, :address,
  :identified)

-- name: envelope_signature_list
-- does: list the signatures of an envelope
-- role: portal signapi worker signer
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id
-- rows: party party_id, paper paper_id, record text(32), before bytes32, after bytes32, certificate text(64), tsa_serial text(64)?, tsa_time time?, signed_at time, address text(64), identified text(40)
SELECT s.party_id, s.envelope_document_id, s.record, s.digest_before, s.digest_after, s.certificate,
  s.tsa_serial, s.tsa_time, s.signed_at, s.address, s.identified
FROM envelope_signature s JOIN envelope_document d ON d.id = s.envelope_document_id
WHERE d.envelope_id = :envelope ORDER BY s.signed_at, d.seq LIMIT 1000

-- name: envelope_event_add
-- does: note what happened
-- role: portal signapi worker signer
-- in: envelope envelope_id, party party_id?, what text(16), now time, address text(64)?
INSERT INTO envelope_event (envelope_id, party_id, what, at, address)
VALUES (:envelope, :party, :what, :now, :address)

-- name: envelope_event_list
-- does: list what happened, in order
-- role: portal signapi worker signer
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id
-- rows: what text(16), at time, who text(120)?, address text(64)?
SELECT v.what, v.at, p.name, v.address
FROM envelope_event v LEFT JOIN envelope_party p ON p.id = v.party_id
WHERE v.envelope_id = :envelope ORDER BY v.id LIMIT 500

-- name: envelope_tenant_name
-- does: read the name of the sender's organisation
-- role: portal signapi
-- tenant: all the sender's own
-- in: tenant tenant_id
-- row: name text(120)
SELECT name FROM tenant WHERE id = :tenant

-- name: envelope_report_of
-- does: find the report of an envelope
-- role: portal signapi
-- tenant: all by the id of an envelope that was found before
-- in: envelope envelope_id
-- row: public_id text(32)
SELECT d.public_id FROM envelope e JOIN document d ON d.id = e.report_id WHERE e.id = :envelope
