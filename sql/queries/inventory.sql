-- Statements of the inventory: a customer's certificates, looked through in several orders. Each statement
-- reads along one index and stops at its limit, whatever a filter leaves (decision 0166). A condition like
-- (:profile = '' OR …) is folded when a statement is executed, so that an empty filter costs nothing.

-- name: inventory_newest
-- does: certificates of a customer, the newest first
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, limit u32, offset u32
-- rows: id certificate_id, name text(1000), email text(254), serial bytes(20)?, profile text(40),
--    state text(10), not_before time?, not_after time?, revoked_at time?, reason u32, issued_at time?,
--    account text(120)?, requester text(120)?
SELECT c.id, IF(c.common_name = '', c.subject_text, c.common_name) AS name, c.email, c.serial, c.profile,
       c.state, c.not_before, c.not_after, c.revoked_at, c.reason, c.issued_at,
       a.name AS account, r.name AS requester
  FROM certificate c
  LEFT JOIN account a ON a.id = c.account_id LEFT JOIN account r ON r.id = c.requested_by
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
 ORDER BY c.id DESC LIMIT :limit OFFSET :offset

-- name: inventory_by_name
-- does: certificates of a customer by name
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, limit u32, offset u32
-- rows: id certificate_id, name text(1000), email text(254), serial bytes(20)?, profile text(40),
--    state text(10), not_before time?, not_after time?, revoked_at time?, reason u32, issued_at time?,
--    account text(120)?, requester text(120)?
SELECT c.id, IF(c.common_name = '', c.subject_text, c.common_name) AS name, c.email, c.serial, c.profile,
       c.state, c.not_before, c.not_after, c.revoked_at, c.reason, c.issued_at,
       a.name AS account, r.name AS requester
  FROM certificate c FORCE INDEX (finds)
  LEFT JOIN account a ON a.id = c.account_id LEFT JOIN account r ON r.id = c.requested_by
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
 ORDER BY c.common_name, c.state, c.not_after, c.id LIMIT :limit OFFSET :offset

-- name: inventory_by_name_down
-- does: certificates of a customer by name, last first
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, limit u32, offset u32
-- rows: id certificate_id, name text(1000), email text(254), serial bytes(20)?, profile text(40),
--    state text(10), not_before time?, not_after time?, revoked_at time?, reason u32, issued_at time?,
--    account text(120)?, requester text(120)?
SELECT c.id, IF(c.common_name = '', c.subject_text, c.common_name) AS name, c.email, c.serial, c.profile,
       c.state, c.not_before, c.not_after, c.revoked_at, c.reason, c.issued_at,
       a.name AS account, r.name AS requester
  FROM certificate c FORCE INDEX (finds)
  LEFT JOIN account a ON a.id = c.account_id LEFT JOIN account r ON r.id = c.requested_by
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
 ORDER BY c.common_name DESC, c.state DESC, c.not_after DESC, c.id DESC LIMIT :limit OFFSET :offset

-- name: inventory_find_name
-- does: certificates whose name begins so, by name
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, begin text(254), limit u32, offset u32
-- rows: id certificate_id, name text(1000), email text(254), serial bytes(20)?, profile text(40),
--    state text(10), not_before time?, not_after time?, revoked_at time?, reason u32, issued_at time?,
--    account text(120)?, requester text(120)?
SELECT c.id, IF(c.common_name = '', c.subject_text, c.common_name) AS name, c.email, c.serial, c.profile,
       c.state, c.not_before, c.not_after, c.revoked_at, c.reason, c.issued_at,
       a.name AS account, r.name AS requester
  FROM certificate c FORCE INDEX (finds)
  LEFT JOIN account a ON a.id = c.account_id LEFT JOIN account r ON r.id = c.requested_by
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
   AND c.common_name LIKE :begin ESCAPE '|'
 ORDER BY c.common_name, c.state, c.not_after, c.id LIMIT :limit OFFSET :offset

-- name: inventory_find_mail
-- does: certificates whose mail address begins so, by address
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, begin text(254), limit u32, offset u32
-- rows: id certificate_id, name text(1000), email text(254), serial bytes(20)?, profile text(40),
--    state text(10), not_before time?, not_after time?, revoked_at time?, reason u32, issued_at time?,
--    account text(120)?, requester text(120)?
SELECT c.id, IF(c.common_name = '', c.subject_text, c.common_name) AS name, c.email, c.serial, c.profile,
       c.state, c.not_before, c.not_after, c.revoked_at, c.reason, c.issued_at,
       a.name AS account, r.name AS requester
  FROM certificate c FORCE INDEX (mails)
  LEFT JOIN account a ON a.id = c.account_id LEFT JOIN account r ON r.id = c.requested_by
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
   AND c.email LIKE :begin ESCAPE '|'
 ORDER BY c.email, c.id LIMIT :limit OFFSET :offset

-- name: inventory_find_serial
-- does: certificates whose serial number begins so
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, first bytes(20), last bytes(20), limit u32, offset u32
-- rows: id certificate_id, name text(1000), email text(254), serial bytes(20)?, profile text(40),
--    state text(10), not_before time?, not_after time?, revoked_at time?, reason u32, issued_at time?,
--    account text(120)?, requester text(120)?
SELECT c.id, IF(c.common_name = '', c.subject_text, c.common_name) AS name, c.email, c.serial, c.profile,
       c.state, c.not_before, c.not_after, c.revoked_at, c.reason, c.issued_at,
       a.name AS account, r.name AS requester
  FROM certificate c FORCE INDEX (serials)
  LEFT JOIN account a ON a.id = c.account_id LEFT JOIN account r ON r.id = c.requested_by
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
   AND c.serial >= :first AND c.serial <= :last
 ORDER BY c.serial, c.id LIMIT :limit OFFSET :offset

-- name: inventory_find_requester
-- does: certificates that somebody asked for, the newest first
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, requester account_id, limit u32, offset u32
-- rows: id certificate_id, name text(1000), email text(254), serial bytes(20)?, profile text(40),
--    state text(10), not_before time?, not_after time?, revoked_at time?, reason u32, issued_at time?,
--    account text(120)?, requester text(120)?
SELECT c.id, IF(c.common_name = '', c.subject_text, c.common_name) AS name, c.email, c.serial, c.profile,
       c.state, c.not_before, c.not_after, c.revoked_at, c.reason, c.issued_at,
       a.name AS account, r.name AS requester
  FROM certificate c FORCE INDEX (certificate_requester)
  LEFT JOIN account a ON a.id = c.account_id LEFT JOIN account r ON r.id = c.requested_by
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
   AND c.requested_by = :requester
 ORDER BY c.id DESC LIMIT :limit OFFSET :offset

-- name: inventory_soonest
-- does: certificates of a customer by their end
-- role: portal
-- in: tenant tenant_id, state text(10), from time?, upto time?, most u32, limit u32, offset u32
-- rows: id certificate_id, name text(1000), email text(254), serial bytes(20)?, profile text(40),
--    state text(10), not_before time?, not_after time?, revoked_at time?, reason u32, issued_at time?,
--    account text(120)?, requester text(120)?
SELECT c.id, IF(c.common_name = '', c.subject_text, c.common_name) AS name, c.email, c.serial, c.profile,
       c.state, c.not_before, c.not_after, c.revoked_at, c.reason, c.issued_at,
       a.name AS account, r.name AS requester
  FROM (SELECT x.id, x.not_after FROM (
       (SELECT c.id, c.not_after FROM certificate c FORCE INDEX (expiring)
         WHERE :state IN ('', 'issued') AND c.tenant_id = :tenant AND c.state = 'issued'
           AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
         ORDER BY c.not_after, c.id LIMIT :most)
        UNION ALL
       (SELECT c.id, c.not_after FROM certificate c FORCE INDEX (expiring)
         WHERE :state IN ('', 'suspended') AND c.tenant_id = :tenant AND c.state = 'suspended'
           AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
         ORDER BY c.not_after, c.id LIMIT :most)
        UNION ALL
       (SELECT c.id, c.not_after FROM certificate c FORCE INDEX (expiring)
         WHERE :state IN ('', 'revoked') AND c.tenant_id = :tenant AND c.state = 'revoked'
           AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
         ORDER BY c.not_after, c.id LIMIT :most)) x
         ORDER BY x.not_after, x.id LIMIT :limit OFFSET :offset) y
  JOIN certificate c ON c.id = y.id
  LEFT JOIN account a ON a.id = c.account_id LEFT JOIN account r ON r.id = c.requested_by
 WHERE c.tenant_id = :tenant
 ORDER BY y.not_after, y.id LIMIT :limit

-- name: inventory_latest
-- does: certificates of a customer by their end, the last first
-- role: portal
-- in: tenant tenant_id, state text(10), from time?, upto time?, most u32, limit u32, offset u32
-- rows: id certificate_id, name text(1000), email text(254), serial bytes(20)?, profile text(40),
--    state text(10), not_before time?, not_after time?, revoked_at time?, reason u32, issued_at time?,
--    account text(120)?, requester text(120)?
SELECT c.id, IF(c.common_name = '', c.subject_text, c.common_name) AS name, c.email, c.serial, c.profile,
       c.state, c.not_before, c.not_after, c.revoked_at, c.reason, c.issued_at,
       a.name AS account, r.name AS requester
  FROM (SELECT x.id, x.not_after FROM (
       (SELECT c.id, c.not_after FROM certificate c FORCE INDEX (expiring)
         WHERE :state IN ('', 'issued') AND c.tenant_id = :tenant AND c.state = 'issued'
           AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
         ORDER BY c.not_after DESC, c.id DESC LIMIT :most)
        UNION ALL
       (SELECT c.id, c.not_after FROM certificate c FORCE INDEX (expiring)
         WHERE :state IN ('', 'suspended') AND c.tenant_id = :tenant AND c.state = 'suspended'
           AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
         ORDER BY c.not_after DESC, c.id DESC LIMIT :most)
        UNION ALL
       (SELECT c.id, c.not_after FROM certificate c FORCE INDEX (expiring)
         WHERE :state IN ('', 'revoked') AND c.tenant_id = :tenant AND c.state = 'revoked'
           AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
         ORDER BY c.not_after DESC, c.id DESC LIMIT :most)) x
         ORDER BY x.not_after DESC, x.id DESC LIMIT :limit OFFSET :offset) y
  JOIN certificate c ON c.id = y.id
  LEFT JOIN account a ON a.id = c.account_id LEFT JOIN account r ON r.id = c.requested_by
 WHERE c.tenant_id = :tenant
 ORDER BY y.not_after DESC, y.id DESC LIMIT :limit

-- name: inventory_kind_soonest
-- does: certificates of one profile by their end
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, most u32, limit u32, offset u32
-- rows: id certificate_id, name text(1000), email text(254), serial bytes(20)?, profile text(40),
--    state text(10), not_before time?, not_after time?, revoked_at time?, reason u32, issued_at time?,
--    account text(120)?, requester text(120)?
SELECT c.id, IF(c.common_name = '', c.subject_text, c.common_name) AS name, c.email, c.serial, c.profile,
       c.state, c.not_before, c.not_after, c.revoked_at, c.reason, c.issued_at,
       a.name AS account, r.name AS requester
  FROM (SELECT x.id, x.not_after FROM (
       (SELECT c.id, c.not_after FROM certificate c FORCE INDEX (kinds)
         WHERE :state IN ('', 'issued') AND c.tenant_id = :tenant AND c.profile = :profile AND c.state = 'issued'
           AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
         ORDER BY c.not_after, c.id LIMIT :most)
        UNION ALL
       (SELECT c.id, c.not_after FROM certificate c FORCE INDEX (kinds)
         WHERE :state IN ('', 'suspended') AND c.tenant_id = :tenant AND c.profile = :profile AND c.state = 'suspended'
           AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
         ORDER BY c.not_after, c.id LIMIT :most)
        UNION ALL
       (SELECT c.id, c.not_after FROM certificate c FORCE INDEX (kinds)
         WHERE :state IN ('', 'revoked') AND c.tenant_id = :tenant AND c.profile = :profile AND c.state = 'revoked'
           AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
         ORDER BY c.not_after, c.id LIMIT :most)) x
         ORDER BY x.not_after, x.id LIMIT :limit OFFSET :offset) y
  JOIN certificate c ON c.id = y.id
  LEFT JOIN account a ON a.id = c.account_id LEFT JOIN account r ON r.id = c.requested_by
 WHERE c.tenant_id = :tenant
 ORDER BY y.not_after, y.id LIMIT :limit

-- name: inventory_kind_latest
-- does: certificates of one profile by their end, the last first
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, most u32, limit u32, offset u32
-- rows: id certificate_id, name text(1000), email text(254), serial bytes(20)?, profile text(40),
--    state text(10), not_before time?, not_after time?, revoked_at time?, reason u32, issued_at time?,
--    account text(120)?, requester text(120)?
SELECT c.id, IF(c.common_name = '', c.subject_text, c.common_name) AS name, c.email, c.serial, c.profile,
       c.state, c.not_before, c.not_after, c.revoked_at, c.reason, c.issued_at,
       a.name AS account, r.name AS requester
  FROM (SELECT x.id, x.not_after FROM (
       (SELECT c.id, c.not_after FROM certificate c FORCE INDEX (kinds)
         WHERE :state IN ('', 'issued') AND c.tenant_id = :tenant AND c.profile = :profile AND c.state = 'issued'
           AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
         ORDER BY c.not_after DESC, c.id DESC LIMIT :most)
        UNION ALL
       (SELECT c.id, c.not_after FROM certificate c FORCE INDEX (kinds)
         WHERE :state IN ('', 'suspended') AND c.tenant_id = :tenant AND c.profile = :profile AND c.state = 'suspended'
           AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
         ORDER BY c.not_after DESC, c.id DESC LIMIT :most)
        UNION ALL
       (SELECT c.id, c.not_after FROM certificate c FORCE INDEX (kinds)
         WHERE :state IN ('', 'revoked') AND c.tenant_id = :tenant AND c.profile = :profile AND c.state = 'revoked'
           AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
         ORDER BY c.not_after DESC, c.id DESC LIMIT :most)) x
         ORDER BY x.not_after DESC, x.id DESC LIMIT :limit OFFSET :offset) y
  JOIN certificate c ON c.id = y.id
  LEFT JOIN account a ON a.id = c.account_id LEFT JOIN account r ON r.id = c.requested_by
 WHERE c.tenant_id = :tenant
 ORDER BY y.not_after DESC, y.id DESC LIMIT :limit

-- name: inventory_count
-- does: how many a filter finds, counted up to a limit
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, most u32
-- row: n u64
SELECT COUNT(*) AS n FROM (SELECT 1 FROM certificate c FORCE INDEX (expiring)
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
 LIMIT :most) AS found

-- name: inventory_count_kind
-- does: the same within a profile
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, most u32
-- row: n u64
SELECT COUNT(*) AS n FROM (SELECT 1 FROM certificate c FORCE INDEX (kinds)
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
 LIMIT :most) AS found

-- name: inventory_count_name
-- does: the same among names that begin so
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, begin text(254), most u32
-- row: n u64
SELECT COUNT(*) AS n FROM (SELECT 1 FROM certificate c FORCE INDEX (finds)
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
   AND c.common_name LIKE :begin ESCAPE '|'
 LIMIT :most) AS found

-- name: inventory_count_mail
-- does: the same among mail addresses that begin so
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, begin text(254), most u32
-- row: n u64
SELECT COUNT(*) AS n FROM (SELECT 1 FROM certificate c FORCE INDEX (mails)
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
   AND c.email LIKE :begin ESCAPE '|'
 LIMIT :most) AS found

-- name: inventory_count_serial
-- does: the same among serial numbers that begin so
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, first bytes(20), last bytes(20), most u32
-- row: n u64
SELECT COUNT(*) AS n FROM (SELECT 1 FROM certificate c FORCE INDEX (serials)
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
   AND c.serial >= :first AND c.serial <= :last
 LIMIT :most) AS found

-- name: inventory_count_requester
-- does: the same among those that somebody asked for
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, requester account_id, most u32
-- row: n u64
SELECT COUNT(*) AS n FROM (SELECT 1 FROM certificate c FORCE INDEX (certificate_requester)
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
   AND c.requested_by = :requester
 LIMIT :most) AS found

-- name: inventory_own
-- does: a person's own certificates, and those of devices that he asked for
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, name text(254), mail text(254), first bytes(20)?, last bytes(20)?,
--    own account_id, sort text(8), limit u32, offset u32
-- rows: id certificate_id, name text(1000), email text(254), serial bytes(20)?, profile text(40),
--    state text(10), not_before time?, not_after time?, revoked_at time?, reason u32, issued_at time?,
--    account text(120)?, requester text(120)?
SELECT c.id, IF(c.common_name = '', c.subject_text, c.common_name) AS name, c.email, c.serial, c.profile,
       c.state, c.not_before, c.not_after, c.revoked_at, c.reason, c.issued_at,
       a.name AS account, r.name AS requester
  FROM (SELECT o.id FROM certificate o WHERE o.account_id = :own
        UNION SELECT o.id FROM certificate o WHERE o.requested_by = :own AND o.account_id IS NULL) mine
  JOIN certificate c ON c.id = mine.id
  LEFT JOIN account a ON a.id = c.account_id LEFT JOIN account r ON r.id = c.requested_by
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
   AND (:name = '' OR c.common_name LIKE :name ESCAPE '|') AND (:mail = '' OR c.email LIKE :mail ESCAPE '|')
   AND (:first IS NULL OR (c.serial >= :first AND c.serial <= :last))
 ORDER BY CASE :sort WHEN 'end' THEN c.not_after END, CASE :sort WHEN '-end' THEN c.not_after END DESC,
       CASE :sort WHEN 'name' THEN c.common_name END, CASE :sort WHEN '-name' THEN c.common_name END DESC,
       c.id DESC
 LIMIT :limit OFFSET :offset

-- name: inventory_count_own
-- does: how many of a person's own certificates a filter finds
-- role: portal
-- in: tenant tenant_id, state text(10), profile text(40), from time?, upto time?, name text(254), mail text(254), first bytes(20)?, last bytes(20)?,
--    own account_id
-- row: n u64
SELECT COUNT(*) AS n
  FROM (SELECT o.id FROM certificate o WHERE o.account_id = :own
        UNION SELECT o.id FROM certificate o WHERE o.requested_by = :own AND o.account_id IS NULL) mine
  JOIN certificate c ON c.id = mine.id
 WHERE c.tenant_id = :tenant
   AND ((:state = '' AND c.state IN ('issued', 'suspended', 'revoked')) OR c.state = :state)
   AND (:profile = '' OR c.profile = :profile)
   AND (:from IS NULL OR c.not_after >= :from) AND (:upto IS NULL OR c.not_after < :upto)
   AND (:name = '' OR c.common_name LIKE :name ESCAPE '|') AND (:mail = '' OR c.email LIKE :mail ESCAPE '|')
   AND (:first IS NULL OR (c.serial >= :first AND c.serial <= :last))

-- name: inventory_in_state
-- does: how many certificates of a customer are suspended, or revoked
-- role: portal
-- in: tenant tenant_id, state text(10)
-- row: n u64
SELECT COUNT(*) AS n FROM certificate c FORCE INDEX (expiring)
 WHERE c.tenant_id = :tenant AND c.state = :state

-- name: inventory_ending_between
-- does: how many certificates, neither suspended nor revoked, end within a time
-- role: portal
-- in: tenant tenant_id, from time?, upto time?
-- row: n u64
SELECT COUNT(*) AS n FROM certificate c FORCE INDEX (expiring)
 WHERE c.tenant_id = :tenant AND c.state = 'issued' AND (:from IS NULL OR c.not_after >= :from)
   AND (:upto IS NULL OR c.not_after < :upto)

-- name: inventory_kinds
-- does: how many valid certificates a customer has of each profile
-- role: portal
-- in: tenant tenant_id, now time, limit u32
-- rows: profile text(40), n u64
SELECT c.profile, COUNT(*) AS n FROM certificate c FORCE INDEX (kinds)
 WHERE c.tenant_id = :tenant AND c.state = 'issued' AND c.not_after >= :now
 GROUP BY c.profile ORDER BY n DESC, c.profile LIMIT :limit

-- name: inventory_applications
-- does: how many applications of a customer are in the states that wait for somebody
-- role: portal
-- in: tenant tenant_id
-- row: waiting u64, held u64, returned u64, approved u64
SELECT COUNT(CASE WHEN p.state = 'waiting' THEN 1 END) AS waiting,
       COUNT(CASE WHEN p.state = 'held' THEN 1 END) AS held,
       COUNT(CASE WHEN p.state = 'returned' THEN 1 END) AS returned,
       COUNT(CASE WHEN p.state = 'approved' THEN 1 END) AS approved
  FROM application p
 WHERE p.tenant_id = :tenant AND p.state IN ('waiting', 'held', 'returned', 'approved')

-- name: inventory_own_soon
-- does: a person's own valid certificates that end before a time, the first first
-- role: portal
-- in: tenant tenant_id, own account_id, now time, soon time, limit u32
-- rows: id certificate_id, name text(1000), not_after time?
SELECT c.id, IF(c.common_name = '', c.subject_text, c.common_name) AS name, c.not_after
  FROM certificate c
 WHERE c.account_id = :own AND c.tenant_id = :tenant AND c.state = 'issued' AND c.replaced_by IS NULL
   AND c.not_after >= :now AND c.not_after < :soon
 ORDER BY c.not_after, c.id LIMIT :limit
