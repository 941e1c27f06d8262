-- accounts.sql - statements of the accounts slice.

-- name: tenant_add
-- does: add a customer, or the provider itself
-- role: portal worker ctl
-- in: code text(40), name text(120), kind text(10), contract_end time?, now time
-- out: id tenant_id
INSERT INTO tenant (code, name, kind, contract_end, created_at)
VALUES (:code, :name, :kind, :contract_end, :now)

-- name: tenant_by_code
-- does: find a tenant by its short name
-- role: portal signapi worker ctl signer
-- in: code text(40)
-- row: id tenant_id, name text(120), kind text(10)
SELECT id, name, kind FROM tenant WHERE code = :code

-- name: tenant_by_id
-- does: find a tenant by its id
-- role: portal signapi worker ctl signer
-- in: tenant tenant_id
-- row: code text(40), name text(120), kind text(10), contract_end time?, ended_at time?
SELECT code, name, kind, contract_end, ended_at FROM tenant WHERE id = :tenant

-- name: tenant_provider
-- does: the provider itself among the tenants, the first one
-- role: ctl
-- row: id tenant_id
SELECT id FROM tenant WHERE kind = 'provider' ORDER BY id LIMIT 1

-- name: tenant_ending
-- does: tenants whose contract is over and whose accounts still run
-- role: worker
-- in: now time, limit u32
-- rows: id tenant_id, code text(40)
SELECT id, code FROM tenant
WHERE contract_end <= :now AND ended_at IS NULL AND kind = 'customer' ORDER BY contract_end LIMIT :limit

-- name: tenant_set_ended
-- does: note that a tenant's accounts were stopped
-- role: worker
-- in: tenant tenant_id, now time
UPDATE tenant SET ended_at = :now WHERE id = :tenant

-- name: tenant_set_contract
-- does: set or clear the end of the contract; accounts that were stopped stay so until resumed
-- role: ctl
-- in: tenant tenant_id, contract_end time?
UPDATE tenant SET contract_end = :contract_end,
    ended_at = IF(:contract_end IS NULL OR :contract_end > UTC_TIMESTAMP(6), NULL, ended_at)
WHERE id = :tenant

-- name: account_add
-- does: add a person
-- role: portal worker ctl
-- in: tenant tenant_id, login text(254), email text(254), name text(120), lang text(2), family text(16), state text(10), password text(255)?, now time
-- out: id account_id
INSERT INTO account (tenant_id, login, email, name, lang, role_family, state, state_at, password_hash,
    password_at, created_at)
VALUES (:tenant, :login, :email, :name, :lang, :family, :state, :now, :password,
    IF(:password IS NULL, NULL, :now), :now)

-- name: account_role_add
-- does: give a role; the schema refuses one of another family (P3-66)
-- role: portal worker ctl
-- in: account account_id, role text(24), family text(16), now time, by account_id?
INSERT INTO account_role (account_id, role, role_family, granted_at, granted_by)
VALUES (:account, :role, :family, :now, :by)

-- name: account_role_drop
-- does: take a role away
-- role: ctl
-- in: account account_id, role text(24)
-- out: changed
DELETE FROM account_role WHERE account_id = :account AND role = :role

-- name: account_set_family
-- does: move an account without roles to another family
-- role: ctl
-- in: account account_id, family text(16)
UPDATE account SET role_family = :family WHERE id = :account

-- name: account_by_id
-- does: find a person; tenant 0 asks in all tenants
-- role: portal worker ctl signer
-- tenant: all 0 is passed only for the own account and by the provider
-- in: tenant u64, account account_id
-- row: id account_id, tenant tenant_id, login text(254), email text(254), name text(120), lang text(2), state text(10), state_reason text(20), state_at time, created_at time, login_at time?, password_at time?, failed u32, family text(16), roles text(255), totp bool, tenant_name text(120)
SELECT a.id, a.tenant_id, a.login, a.email, a.name, a.lang, a.state, a.state_reason, a.state_at,
    a.created_at, a.login_at, a.password_at, a.failed, a.role_family,
    COALESCE((SELECT GROUP_CONCAT(r.role) FROM account_role r WHERE r.account_id = a.id), '') AS roles,
    EXISTS (SELECT 1 FROM account_totp t WHERE t.account_id = a.id AND t.secret IS NOT NULL) AS totp,
    n.name AS tenant_name
FROM account a JOIN tenant n ON n.id = a.tenant_id
WHERE a.id = :account AND (:tenant = 0 OR a.tenant_id = :tenant)

-- name: account_by_login
-- does: the id of a login name
-- role: portal worker ctl
-- tenant: all a login name is unique in the installation
-- in: login text(254)
-- row: id account_id
SELECT id FROM account WHERE login = :login

-- name: account_auth
-- does: what sign-in needs, under a lock so that guesses are counted one after the other; before the first day of the contract nobody is active
-- role: portal ctl
-- tenant: all nobody is signed in yet; login names are unique in the installation
-- in: login text(254)
-- row: id account_id, tenant tenant_id, name text(120), state text(10), password text(255)?, failed u32, family text(16), totp bool
SELECT a.id, a.tenant_id, a.name,
    CASE WHEN EXISTS (SELECT 1 FROM tenant t WHERE t.id = a.tenant_id AND t.contract_start > UTC_TIMESTAMP(6))
        THEN 'suspended' ELSE a.state END AS state, a.password_hash, a.failed, a.role_family,
    EXISTS (SELECT 1 FROM account_totp t WHERE t.account_id = a.id AND t.secret IS NOT NULL) AS totp
FROM account a WHERE a.login = :login FOR UPDATE

-- name: account_auth_by_id
-- does: the same by id, for a code or for the own password
-- role: portal ctl
-- tenant: all the person's own account, from the session
-- in: account account_id
-- row: id account_id, tenant tenant_id, name text(120), state text(10), password text(255)?, failed u32, family text(16), login text(254), email text(254)
SELECT a.id, a.tenant_id, a.name, a.state, a.password_hash, a.failed, a.role_family, a.login, a.email
FROM account a WHERE a.id = :account FOR UPDATE

-- name: account_failed
-- does: count a failure; an unknown account (0) changes nothing but costs the same
-- role: portal ctl
-- tenant: all the account found by sign-in
-- in: account account_id, now time
UPDATE account SET failed = failed + 1, failed_at = :now WHERE id = :account

-- name: account_signed_in
-- does: a complete sign-in: failures are forgotten
-- role: portal
-- tenant: all the account found by sign-in
-- in: account account_id, now time
UPDATE account SET failed = 0, login_at = :now, warned_at = NULL WHERE id = :account

-- name: account_set_state
-- does: move a person from one state to another; 0 changed rows when somebody was first
-- role: portal worker ctl
-- tenant: all callers have found the account by its tenant, in the same transaction
-- in: account account_id, was text(10), state text(10), reason text(20), now time
-- out: changed
UPDATE account SET state = :state, state_reason = :reason, state_at = :now, failed = 0, warned_at = NULL
WHERE id = :account AND state = :was

-- name: account_set_password
-- does: store a new password hash
-- role: portal ctl
-- tenant: all the person's own account
-- in: account account_id, password text(255), now time
UPDATE account SET password_hash = :password, password_at = :now WHERE id = :account

-- name: account_set_lang
-- does: store the language choice
-- role: portal
-- tenant: all the person's own account
-- in: account account_id, lang text(2)
UPDATE account SET lang = :lang WHERE id = :account

-- name: account_set_profile
-- does: correct name and mail address
-- role: portal
-- in: tenant tenant_id, account account_id, name text(120), email text(254)
UPDATE account SET name = :name, email = :email WHERE id = :account AND tenant_id = :tenant

-- name: system_admins
-- does: the active system administrators, under a lock (P3-64)
-- role: portal worker ctl
-- tenant: all they are of the provider
-- rows: id account_id
SELECT a.id FROM account a JOIN account_role r ON r.account_id = a.id
WHERE r.role = 'system_admin' AND a.state = 'active' LIMIT 100 FOR UPDATE

-- name: account_list_name
-- does: people of a tenant by name
-- role: portal
-- in: tenant tenant_id, q text(254), state text(10), limit u32, offset u32
-- rows: id account_id, login text(254), name text(120), email text(254), state text(10), login_at time?, roles text(255), totp bool
SELECT a.id, a.login, a.name, a.email, a.state, a.login_at,
    COALESCE((SELECT GROUP_CONCAT(r.role) FROM account_role r WHERE r.account_id = a.id), '') AS roles,
    EXISTS (SELECT 1 FROM account_totp t WHERE t.account_id = a.id AND t.secret IS NOT NULL) AS totp
FROM account a
WHERE a.tenant_id = :tenant AND (:state = '' OR a.state = :state)
  AND (:q = '' OR a.login LIKE :q ESCAPE '|' OR a.email LIKE :q ESCAPE '|' OR a.name LIKE :q ESCAPE '|')
ORDER BY a.tenant_id, a.name, a.id LIMIT :limit OFFSET :offset

-- name: account_list_name_down
-- does: people of a tenant by name, last first
-- role: portal
-- in: tenant tenant_id, q text(254), state text(10), limit u32, offset u32
-- rows: id account_id, login text(254), name text(120), email text(254), state text(10), login_at time?, roles text(255), totp bool
SELECT a.id, a.login, a.name, a.email, a.state, a.login_at,
    COALESCE((SELECT GROUP_CONCAT(r.role) FROM account_role r WHERE r.account_id = a.id), '') AS roles,
    EXISTS (SELECT 1 FROM account_totp t WHERE t.account_id = a.id AND t.secret IS NOT NULL) AS totp
FROM account a
WHERE a.tenant_id = :tenant AND (:state = '' OR a.state = :state)
  AND (:q = '' OR a.login LIKE :q ESCAPE '|' OR a.email LIKE :q ESCAPE '|' OR a.name LIKE :q ESCAPE '|')
ORDER BY a.tenant_id DESC, a.name DESC, a.id DESC LIMIT :limit OFFSET :offset

-- name: account_list_seen
-- does: people of a tenant, those longest without sign-in first
-- role: portal
-- in: tenant tenant_id, q text(254), state text(10), limit u32, offset u32
-- rows: id account_id, login text(254), name text(120), email text(254), state text(10), login_at time?, roles text(255), totp bool
SELECT a.id, a.login, a.name, a.email, a.state, a.login_at,
    COALESCE((SELECT GROUP_CONCAT(r.role) FROM account_role r WHERE r.account_id = a.id), '') AS roles,
    EXISTS (SELECT 1 FROM account_totp t WHERE t.account_id = a.id AND t.secret IS NOT NULL) AS totp
FROM account a
WHERE a.tenant_id = :tenant AND (:state = '' OR a.state = :state)
  AND (:q = '' OR a.login LIKE :q ESCAPE '|' OR a.email LIKE :q ESCAPE '|' OR a.name LIKE :q ESCAPE '|')
ORDER BY a.tenant_id, a.login_at, a.id LIMIT :limit OFFSET :offset

-- name: account_list_seen_down
-- does: people of a tenant, the latest sign-in first
-- role: portal
-- in: tenant tenant_id, q text(254), state text(10), limit u32, offset u32
-- rows: id account_id, login text(254), name text(120), email text(254), state text(10), login_at time?, roles text(255), totp bool
SELECT a.id, a.login, a.name, a.email, a.state, a.login_at,
    COALESCE((SELECT GROUP_CONCAT(r.role) FROM account_role r WHERE r.account_id = a.id), '') AS roles,
    EXISTS (SELECT 1 FROM account_totp t WHERE t.account_id = a.id AND t.secret IS NOT NULL) AS totp
FROM account a
WHERE a.tenant_id = :tenant AND (:state = '' OR a.state = :state)
  AND (:q = '' OR a.login LIKE :q ESCAPE '|' OR a.email LIKE :q ESCAPE '|' OR a.name LIKE :q ESCAPE '|')
ORDER BY a.tenant_id DESC, a.login_at DESC, a.id DESC LIMIT :limit OFFSET :offset

-- name: account_list_role
-- does: people of a tenant who hold a role, by name
-- role: portal
-- in: tenant tenant_id, q text(254), state text(10), role_name text(24), limit u32, offset u32
-- rows: id account_id, login text(254), name text(120), email text(254), state text(10), login_at time?, roles text(255), totp bool
SELECT a.id, a.login, a.name, a.email, a.state, a.login_at,
    COALESCE((SELECT GROUP_CONCAT(r.role) FROM account_role r WHERE r.account_id = a.id), '') AS roles,
    EXISTS (SELECT 1 FROM account_totp t WHERE t.account_id = a.id AND t.secret IS NOT NULL) AS totp
FROM account a JOIN account_role x ON x.account_id = a.id AND x.role = :role_name
WHERE a.tenant_id = :tenant AND (:state = '' OR a.state = :state)
  AND (:q = '' OR a.login LIKE :q ESCAPE '|' OR a.email LIKE :q ESCAPE '|' OR a.name LIKE :q ESCAPE '|')
ORDER BY a.tenant_id, a.name, a.id LIMIT :limit OFFSET :offset

-- name: account_count
-- does: how many people the filter finds, counted up to a limit
-- role: portal
-- in: tenant tenant_id, q text(254), state text(10), limit u32
-- row: n u64
SELECT COUNT(*) AS n FROM (SELECT 1 FROM account a
WHERE a.tenant_id = :tenant AND (:state = '' OR a.state = :state)
  AND (:q = '' OR a.login LIKE :q ESCAPE '|' OR a.email LIKE :q ESCAPE '|' OR a.name LIKE :q ESCAPE '|')
LIMIT :limit) AS found

-- name: account_count_role
-- does: the same among those who hold a role
-- role: portal
-- in: tenant tenant_id, q text(254), state text(10), role_name text(24), limit u32
-- row: n u64
SELECT COUNT(*) AS n FROM (SELECT 1 FROM account a
JOIN account_role x ON x.account_id = a.id AND x.role = :role_name
WHERE a.tenant_id = :tenant AND (:state = '' OR a.state = :state)
  AND (:q = '' OR a.login LIKE :q ESCAPE '|' OR a.email LIKE :q ESCAPE '|' OR a.name LIKE :q ESCAPE '|')
LIMIT :limit) AS found

-- name: account_dormant_warn
-- does: active people who will soon count as dormant and were not told yet (P3-144)
-- role: worker
-- in: before time, limit u32
-- rows: id account_id, tenant tenant_id
SELECT id, tenant_id FROM account
WHERE state = 'active' AND warned_at IS NULL AND COALESCE(login_at, created_at) < :before
ORDER BY id LIMIT :limit

-- name: account_set_warned
-- does: note that the warning went out
-- role: worker
-- in: account account_id, now time
UPDATE account SET warned_at = :now WHERE id = :account

-- name: account_dormant
-- does: active people who did not sign in for too long although they were told (P3-144)
-- role: worker
-- in: before time, told_before time, limit u32
-- rows: id account_id, tenant tenant_id
SELECT id, tenant_id FROM account
WHERE state = 'active' AND warned_at < :told_before AND COALESCE(login_at, created_at) < :before
ORDER BY id LIMIT :limit

-- name: account_of_tenant
-- does: people of a tenant that are not stopped yet (P3-145)
-- role: worker
-- in: tenant tenant_id, limit u32
-- rows: id account_id, state text(10)
SELECT id, state FROM account
WHERE tenant_id = :tenant AND state IN ('invited', 'active', 'locked') ORDER BY id LIMIT :limit

-- name: account_stopped
-- does: people of a tenant that stopped with its contract
-- role: portal
-- in: tenant tenant_id, limit u32
-- rows: id account_id, password_at time?
SELECT id, password_at FROM account
WHERE tenant_id = :tenant AND state = 'suspended' AND state_reason = 'contract-end' ORDER BY id LIMIT :limit

-- name: totp_get
-- does: the sealed one-time-code secrets of a person, under a lock
-- role: portal ctl
-- in: account account_id
-- row: secret bytes(255)?, pending bytes(255)?, pending_at time?, confirmed_at time?, last_step u64
SELECT secret, pending, pending_at, confirmed_at, last_step FROM account_totp
WHERE account_id = :account FOR UPDATE

-- name: totp_use
-- does: use up a time step; 0 changed rows when it, or a later one, was used before
-- role: portal ctl
-- in: account account_id, step u64
-- out: changed
-- audit: exempt the act that the code allows is audited
UPDATE account_totp SET last_step = :step WHERE account_id = :account AND last_step < :step

-- name: totp_set_pending
-- does: keep a secret that is not confirmed yet
-- role: portal
-- in: account account_id, pending bytes(255), now time
INSERT INTO account_totp (account_id, pending, pending_at) VALUES (:account, :pending, :now)
ON DUPLICATE KEY UPDATE pending = :pending, pending_at = :now

-- name: totp_set
-- does: enrol: the confirmed secret
-- role: portal worker ctl
-- in: account account_id, secret bytes(255), now time, step u64
INSERT INTO account_totp (account_id, secret, confirmed_at, last_step) VALUES (:account, :secret, :now, :step)
ON DUPLICATE KEY UPDATE secret = :secret, confirmed_at = :now, last_step = GREATEST(last_step, :step),
    pending = NULL, pending_at = NULL

-- name: totp_remove
-- does: remove the second factor; the last step stays, so that no code is good again
-- role: portal ctl
-- in: account account_id
-- out: changed
UPDATE account_totp SET secret = NULL, pending = NULL, pending_at = NULL, confirmed_at = NULL
WHERE account_id = :account AND secret IS NOT NULL

-- name: recovery_add
-- does: store a recovery code's hash
-- role: portal worker ctl
-- in: account account_id, code bytes32, now time
INSERT INTO recovery_code (account_id, code_hash, created_at) VALUES (:account, :code, :now)

-- name: recovery_drop
-- does: forget all recovery codes of a person
-- role: portal ctl
-- in: account account_id
DELETE FROM recovery_code WHERE account_id = :account

-- name: recovery_use
-- does: use up a recovery code; 0 changed rows when it is wrong or used
-- role: portal
-- in: account account_id, code bytes32, now time
-- out: changed
UPDATE recovery_code SET used_at = :now
WHERE account_id = :account AND code_hash = :code AND used_at IS NULL

-- name: recovery_left
-- does: how many recovery codes are unused
-- role: portal
-- in: account account_id
-- row: n u64
SELECT COUNT(*) AS n FROM recovery_code WHERE account_id = :account AND used_at IS NULL

-- name: session_add
-- does: begin a session
-- role: portal
-- in: account account_id, tenant tenant_id, token bytes32, stage text(8), second_at time?, now time, idle_until time, end_by time, address text(45), user_agent text(255)
-- out: id session_id
-- audit: exempt the sign-in that it belongs to is audited
INSERT INTO account_session (account_id, tenant_id, token_hash, stage, second_at, created_at, seen_at,
    idle_until, end_by, address, user_agent)
VALUES (:account, :tenant, :token, :stage, :second_at, :now, :now, :idle_until, :end_by, :address,
    :user_agent)

-- name: session_find
-- does: the live session of a token, with its person
-- role: portal
-- tenant: all a session is found by its token alone
-- in: token bytes32, now time
-- row: id session_id, account account_id, tenant tenant_id, stage text(8), second_at time?, created_at time, seen_at time, login text(254), name text(120), lang text(2), roles text(255)
SELECT s.id, s.account_id, s.tenant_id, s.stage, s.second_at, s.created_at, s.seen_at, a.login, a.name,
    a.lang,
    COALESCE((SELECT GROUP_CONCAT(r.role) FROM account_role r WHERE r.account_id = a.id), '') AS roles
FROM account_session s JOIN account a ON a.id = s.account_id
WHERE s.token_hash = :token AND s.ended_at IS NULL AND s.idle_until > :now AND s.end_by > :now
  AND a.state = 'active'

-- name: session_touch
-- does: note that a session is in use
-- role: portal
-- tenant: all the session found by its token
-- in: session session_id, now time, idle_until time
-- audit: exempt use of a session is not an act
UPDATE account_session SET seen_at = :now, idle_until = :idle_until
WHERE id = :session AND ended_at IS NULL AND seen_at < :now

-- name: session_list
-- does: the live sessions of a person
-- role: portal
-- tenant: all the person's own sessions
-- in: account account_id, now time
-- rows: id session_id, created_at time, seen_at time, second_at time?, address text(45), user_agent text(255)
SELECT id, created_at, seen_at, second_at, address, user_agent FROM account_session
WHERE account_id = :account AND ended_at IS NULL AND idle_until > :now AND end_by > :now AND stage = 'full'
ORDER BY seen_at DESC LIMIT 100

-- name: session_end
-- does: end one session of a person
-- role: portal
-- tenant: all the person's own sessions
-- in: account account_id, session session_id, now time, reason text(20)
-- out: changed
UPDATE account_session SET ended_at = :now, end_reason = :reason
WHERE id = :session AND account_id = :account AND ended_at IS NULL

-- name: session_replace
-- does: end the session that a new one continues
-- role: portal
-- tenant: all the person's own sessions
-- in: account account_id, session session_id, now time
-- audit: exempt the step of sign-in that replaces it is audited
UPDATE account_session SET ended_at = :now, end_reason = 'renewed'
WHERE id = :session AND account_id = :account AND ended_at IS NULL

-- name: session_end_all
-- does: end all sessions of a person but one (0: all)
-- role: portal worker ctl
-- tenant: all sessions of an account found before
-- in: account account_id, keep u64, now time, reason text(20)
-- out: changed
UPDATE account_session SET ended_at = :now, end_reason = :reason
WHERE account_id = :account AND id <> :keep AND ended_at IS NULL

-- name: session_purge
-- does: forget sessions that ended long ago
-- role: worker
-- in: before time, limit u32
-- out: changed
-- audit: exempt housekeeping of rows that nobody can use
DELETE FROM account_session WHERE end_by < :before LIMIT :limit

-- name: login_event_add
-- does: add to the history that the person sees; an unknown account (0) adds nothing
-- role: portal worker ctl
-- tenant: all an account found before
-- in: account account_id, now time, kind text(24), address text(45), user_agent text(255)
-- audit: exempt it is a copy for the person of what is audited
INSERT INTO login_event (account_id, at, kind, address, user_agent)
SELECT id, :now, :kind, :address, :user_agent FROM account WHERE id = :account

-- name: login_event_list
-- does: history of a person, newest first
-- role: portal
-- in: account account_id, limit u32
-- rows: at time, kind text(24), address text(45), user_agent text(255)
SELECT at, kind, address, user_agent FROM login_event WHERE account_id = :account
ORDER BY id DESC LIMIT :limit

-- name: login_event_purge
-- does: forget old history
-- role: worker
-- in: before time, limit u32
-- out: changed
-- audit: exempt the audit log keeps what must be kept
DELETE FROM login_event WHERE at < :before LIMIT :limit

-- name: password_link_add
-- does: keep the hash of a mailed one-time link
-- role: worker
-- in: token bytes32, account account_id, purpose text(8), now time, expires time
INSERT INTO password_link (token_hash, account_id, purpose, created_at, expires_at)
VALUES (:token, :account, :purpose, :now, :expires)

-- name: password_link_find
-- does: the account of a link that is still good
-- role: portal
-- tenant: all a link is found by its token alone
-- in: token bytes32, now time
-- row: account account_id, purpose text(8), tenant tenant_id, login text(254), email text(254), name text(120), state text(10), lang text(2)
SELECT l.account_id, l.purpose, a.tenant_id, a.login, a.email, a.name, a.state, a.lang
FROM password_link l JOIN account a ON a.id = l.account_id
WHERE l.token_hash = :token AND l.used_at IS NULL AND l.expires_at > :now
  AND ((l.purpose = 'invite' AND a.state = 'invited') OR (l.purpose = 'reset' AND a.state IN ('active', 'locked')))

-- name: password_link_use
-- does: use up a link; 0 changed rows when somebody was first
-- role: portal
-- in: token bytes32, now time
-- out: changed
UPDATE password_link SET used_at = :now WHERE token_hash = :token AND used_at IS NULL AND expires_at > :now

-- name: password_link_drop
-- does: void the other links of a person
-- role: portal worker
-- in: account account_id, now time
UPDATE password_link SET used_at = :now WHERE account_id = :account AND used_at IS NULL

-- name: password_link_purge
-- does: forget links that are over
-- role: worker
-- in: before time, limit u32
-- out: changed
-- audit: exempt housekeeping of rows that nobody can use
DELETE FROM password_link WHERE expires_at < :before LIMIT :limit
