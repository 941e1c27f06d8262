-- Statements of the certificates slice: notices before the end.

-- name: cert_notice_profiles
-- does: every profile version, for its notices
-- role: worker
-- in: limit u32
-- rows: name text(40), version u32
SELECT name, version FROM profile ORDER BY name, version LIMIT :limit

-- name: cert_notice_due
-- does: certificates of a profile that reached a step and whose subscriber was not told, by address
-- role: worker
-- in: profile text(40), version u32, days u32, from time, to time, limit u32
-- rows: id certificate_id, tenant tenant_id?, not_after time?, receipt text(16)?, email text(254)?,
--    lang text(2)?
SELECT c.id, c.tenant_id, c.not_after, p.receipt, COALESCE(a.email, p.contact) AS email,
       COALESCE(a.lang, p.lang) AS lang
  FROM certificate c
  LEFT JOIN application p ON p.id = c.application_id
  LEFT JOIN account a ON a.id = COALESCE(c.account_id, c.requested_by) AND a.state <> 'closed'
 WHERE c.state = 'issued' AND c.not_after > :from AND c.not_after <= :to AND c.profile = :profile
   AND c.profile_version = :version AND c.replaced_by IS NULL AND c.tenant_id IS NOT NULL
   AND c.issued_at <= c.not_after - INTERVAL :days DAY
   AND COALESCE(a.email, p.contact) IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM certificate_notice n
                    WHERE n.certificate_id = c.id AND n.days = :days)
   AND NOT EXISTS (SELECT 1 FROM certificate_mute m
                    WHERE m.account_id = a.id AND m.certificate_id IN (0, c.id))
 ORDER BY email, c.not_after, c.id LIMIT :limit

-- name: cert_notice_add
-- does: remember that a subscriber was told of a step; E_CONFLICT when that was done
-- role: worker
-- in: certificate certificate_id, days u32, now time
INSERT INTO certificate_notice (certificate_id, days, sent_at) VALUES (:certificate, :days, :now)

-- name: cert_digest_due
-- does: administrators who were not told anything of late
-- role: worker
-- in: before time, limit u32
-- rows: account account_id, tenant tenant_id, email text(254), lang text(2), upto time?
SELECT a.id, a.tenant_id, a.email, a.lang, d.upto
  FROM account_role r JOIN account a ON a.id = r.account_id
  LEFT JOIN certificate_digest d ON d.account_id = a.id
 WHERE r.role = 'customer_admin' AND a.state = 'active' AND (d.upto IS NULL OR d.upto <= :before)
   AND NOT EXISTS (SELECT 1 FROM certificate_mute m
                    WHERE m.account_id = a.id AND m.certificate_id = 0)
 ORDER BY a.id LIMIT :limit

-- name: cert_digest_count
-- does: how many certificates of a customer reached a step between two times
-- role: worker
-- in: tenant tenant_id, account account_id, profile text(40), version u32, days u32, from time, to time
-- row: n u64
SELECT COUNT(*) AS n FROM certificate c
 WHERE c.tenant_id = :tenant AND c.state = 'issued' AND c.not_after > :from AND c.not_after <= :to
   AND c.profile = :profile AND c.profile_version = :version AND c.replaced_by IS NULL
   AND c.issued_at <= c.not_after - INTERVAL :days DAY
   AND NOT EXISTS (SELECT 1 FROM certificate_mute m
                    WHERE m.account_id = :account AND m.certificate_id = c.id)

-- name: cert_digest_set
-- does: an administrator was told of everything until now
-- role: worker
-- in: account account_id, upto time
-- out: changed
-- audit: exempt what an administrator was told of is in the outbox
INSERT INTO certificate_digest (account_id, upto) VALUES (:account, :upto)
    ON DUPLICATE KEY UPDATE upto = GREATEST(upto, :upto)

-- name: cert_mute_add
-- does: a person wants no notices about a certificate (0: about none)
-- role: portal
-- in: account account_id, certificate u64, now time
-- out: changed
INSERT INTO certificate_mute (account_id, certificate_id, muted_at)
VALUES (:account, :certificate, :now) ON DUPLICATE KEY UPDATE muted_at = muted_at

-- name: cert_mute_remove
-- does: a person wants notices again
-- role: portal
-- in: account account_id, certificate u64
-- out: changed
DELETE FROM certificate_mute WHERE account_id = :account AND certificate_id = :certificate

-- name: cert_mutes
-- does: what a person muted: this certificate, all of them
-- role: portal
-- in: account account_id, certificate u64
-- row: this_one bool, every bool
SELECT EXISTS (SELECT 1 FROM certificate_mute
                WHERE account_id = :account AND certificate_id = :certificate) AS this_one,
       EXISTS (SELECT 1 FROM certificate_mute
                WHERE account_id = :account AND certificate_id = 0) AS every
