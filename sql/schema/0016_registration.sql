-- 0016_registration.sql - certificate profiles as data, names a customer may certify, applications and
-- their review, and what a certificate remembers of them (P3-20, P3-31, P3-32, P3-43, P3-44).

-- Every version that was ever loaded stays: a certificate points at the one it was issued under. The
-- current one is the highest version; a profile whose current version is retired takes no applications.
CREATE TABLE profile (
  name         VARCHAR(40)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version      INT UNSIGNED    NOT NULL,
  class        VARCHAR(12)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  service      VARCHAR(16)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'mpki, rs …: a tenant must have it',
  state        VARCHAR(8)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'active',
  cps          VARCHAR(40)     NOT NULL COMMENT 'practice statement and its version (P3-43)',
  body         MEDIUMTEXT      NOT NULL,
  digest       BINARY(32)      NOT NULL COMMENT 'of body: loading the same again changes nothing',
  loaded_at    DATETIME(6)     NOT NULL,
  loaded_by    VARCHAR(120)    NOT NULL,
  PRIMARY KEY (name, version),
  CONSTRAINT profile_class CHECK (class IN ('private', 'smime', 'public-tls')),
  CONSTRAINT profile_state CHECK (state IN ('active', 'retired')),
  CONSTRAINT profile_body CHECK (JSON_VALID(body))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Services in a customer's contract.
CREATE TABLE tenant_service (
  tenant_id    BIGINT UNSIGNED NOT NULL,
  service      VARCHAR(16)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  added_at     DATETIME(6)     NOT NULL,
  PRIMARY KEY (tenant_id, service),
  CONSTRAINT tenant_service_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT tenant_service_name CHECK
    (service IN ('mpki', 'rs', 'idv', 'esign-cert', 'jprs-tls', 'jcert'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What a customer may have certified. mail: a domain of e-mail addresses; dns: a domain and all below
-- it; ip: one address or a network in CIDR notation; org: its name as O, exactly.
CREATE TABLE tenant_namespace (
  id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id    BIGINT UNSIGNED NOT NULL,
  kind         VARCHAR(4)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value        VARCHAR(253)    NOT NULL COMMENT 'lower case but for org',
  added_at     DATETIME(6)     NOT NULL,
  added_by     BIGINT UNSIGNED NULL,
  PRIMARY KEY (id),
  UNIQUE KEY value (tenant_id, kind, value),
  CONSTRAINT tenant_namespace_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT tenant_namespace_kind CHECK (kind IN ('mail', 'dns', 'ip', 'org'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Keys that nobody may have certified again: reported compromised, or known to be weak.
CREATE TABLE blocked_key (
  spki_sha256  BINARY(32)      NOT NULL,
  reason       VARCHAR(20)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  added_at     DATETIME(6)     NOT NULL,
  PRIMARY KEY (spki_sha256),
  CONSTRAINT blocked_key_reason CHECK (reason IN ('compromised', 'weak'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- An application for one certificate. The rules of review are here as well as in the code: nobody
-- approves what they applied for or what is about themselves, the second approver is another person
-- than the first, and nothing is approved with fewer approvals than its profile asked for when it was
-- sent. via 'bulk': the person who uploads for others acts as registration authority; an application
-- of that kind may have its applicant as first approver, never as second, and never for himself.
-- generation counts up at each change: a decision names the one it was made on.
CREATE TABLE application (
  id               BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  receipt          VARCHAR(16)     CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT '受付番号; NULL: draft',
  tenant_id        BIGINT UNSIGNED NOT NULL,
  applicant_id     BIGINT UNSIGNED NOT NULL COMMENT 'who filed it',
  subscriber_id    BIGINT UNSIGNED NULL COMMENT 'whose certificate it will be; NULL: of a device or system',
  via              VARCHAR(8)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind             VARCHAR(8)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'new',
  profile          VARCHAR(40)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  profile_version  INT UNSIGNED    NOT NULL,
  key_source       VARCHAR(8)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state            VARCHAR(10)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title            VARCHAR(200)    COLLATE utf8mb4_unicode_520_ci NOT NULL COMMENT 'name to be certified, for lists',
  fields           MEDIUMTEXT      NOT NULL COMMENT 'JSON object: as applied for',
  edited           MEDIUMTEXT      NULL COMMENT 'JSON object: as the reviewer changed it',
  csr              BLOB            NULL COMMENT 'DER',
  spki_sha256      BINARY(32)      NULL,
  credential       VARCHAR(64)     CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'signing credential with the key, source hsm',
  validity_days    INT UNSIGNED    NOT NULL DEFAULT 0 COMMENT '0: the profile''s',
  checks           MEDIUMTEXT      NULL COMMENT 'JSON array: what was checked when it was sent',
  contact          VARCHAR(254)    NOT NULL COMMENT 'where news go',
  lang             CHAR(2)         CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  approvals_needed TINYINT UNSIGNED NOT NULL,
  first_approver   BIGINT UNSIGNED NULL,
  first_at         DATETIME(6)     NULL,
  second_approver  BIGINT UNSIGNED NULL,
  second_at        DATETIME(6)     NULL,
  decision_note    VARCHAR(2000)   NULL COMMENT 'why rejected, returned or held: the applicant reads it',
  renews           BIGINT UNSIGNED NULL COMMENT 'certificate that this one replaces',
  certificate_id   BIGINT UNSIGNED NULL COMMENT 'what came of it',
  refused          VARCHAR(64)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  generation       INT UNSIGNED    NOT NULL DEFAULT 0,
  created_at       DATETIME(6)     NOT NULL,
  submitted_at     DATETIME(6)     NULL,
  changed_at       DATETIME(6)     NOT NULL,
  decided_at       DATETIME(6)     NULL,
  PRIMARY KEY (id),
  UNIQUE KEY receipt (receipt),
  UNIQUE KEY certificate (certificate_id),
  KEY queue (tenant_id, state, submitted_at),
  KEY mine (applicant_id, id),
  KEY subscriber (subscriber_id, id),
  KEY titles (tenant_id, title),
  KEY renewed (renews),
  KEY spki (spki_sha256),
  CONSTRAINT application_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT application_applicant FOREIGN KEY (applicant_id) REFERENCES account (id),
  CONSTRAINT application_subscriber FOREIGN KEY (subscriber_id) REFERENCES account (id),
  CONSTRAINT application_first FOREIGN KEY (first_approver) REFERENCES account (id),
  CONSTRAINT application_second FOREIGN KEY (second_approver) REFERENCES account (id),
  CONSTRAINT application_profile FOREIGN KEY (profile, profile_version) REFERENCES profile (name, version),
  CONSTRAINT application_renews FOREIGN KEY (renews) REFERENCES certificate (id),
  CONSTRAINT application_certificate FOREIGN KEY (certificate_id) REFERENCES certificate (id),
  CONSTRAINT application_via CHECK (via IN ('page', 'bulk', 'api')),
  CONSTRAINT application_kind CHECK (kind IN ('new', 'renew') AND (kind = 'renew') = (renews IS NOT NULL)),
  CONSTRAINT application_key CHECK (key_source IN ('csr', 'hsm', 'pkcs12', 'browser')),
  CONSTRAINT application_state CHECK (state IN ('draft', 'waiting', 'returned', 'held', 'approved',
    'issued', 'rejected', 'withdrawn', 'refused')),
  CONSTRAINT application_lang CHECK (lang IN ('ja', 'en')),
  CONSTRAINT application_json CHECK (JSON_VALID(fields) AND (edited IS NULL OR JSON_VALID(edited))
    AND (checks IS NULL OR JSON_VALID(checks))),
  CONSTRAINT application_sent CHECK ((receipt IS NULL) = (submitted_at IS NULL)
    AND (state <> 'draft' OR receipt IS NULL) AND (state IN ('draft', 'withdrawn') OR receipt IS NOT NULL)),
  CONSTRAINT application_needed CHECK (approvals_needed IN (1, 2)),
  CONSTRAINT application_first_other CHECK (first_approver IS NULL
    OR ((via = 'bulk' OR first_approver <> applicant_id)
        AND (subscriber_id IS NULL OR first_approver <> subscriber_id))),
  CONSTRAINT application_second_other CHECK (second_approver IS NULL
    OR (first_approver IS NOT NULL AND second_approver <> first_approver
        AND second_approver <> applicant_id
        AND (subscriber_id IS NULL OR second_approver <> subscriber_id))),
  CONSTRAINT application_times CHECK ((first_approver IS NULL) = (first_at IS NULL)
    AND (second_approver IS NULL) = (second_at IS NULL)),
  CONSTRAINT application_approved CHECK (state NOT IN ('approved', 'issued', 'refused')
    OR (first_approver IS NOT NULL AND (approvals_needed = 1 OR second_approver IS NOT NULL))),
  CONSTRAINT application_made CHECK ((state = 'issued') <= (certificate_id IS NOT NULL)
    AND (certificate_id IS NULL OR state IN ('approved', 'issued', 'refused'))),
  CONSTRAINT application_reason CHECK (state NOT IN ('rejected', 'returned') OR decision_note IS NOT NULL)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The history that applicant and reviewers see. The audit log is another matter.
CREATE TABLE application_event (
  id             BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  application_id BIGINT UNSIGNED NOT NULL,
  tenant_id      BIGINT UNSIGNED NOT NULL,
  at             DATETIME(6)     NOT NULL,
  actor_id       BIGINT UNSIGNED NULL COMMENT 'NULL: the system',
  kind           VARCHAR(16)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  note           VARCHAR(2000)   NULL,
  PRIMARY KEY (id),
  KEY application (application_id, id),
  CONSTRAINT application_event_application FOREIGN KEY (application_id) REFERENCES application (id),
  CONSTRAINT application_event_kind CHECK (kind IN ('submitted', 'returned', 'resubmitted', 'held',
    'resumed', 'edited', 'approved', 'rejected', 'withdrawn', 'issued', 'refused'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='append only';

-- common_name and email repeat what the subject and its alternative names hold, for searching.
-- crl_part: which partition of its issuer's lists it is in; NULL: the one list.
ALTER TABLE certificate
  ADD COLUMN profile_version INT UNSIGNED NULL COMMENT 'NULL: a profile of the programs themselves' AFTER profile,
  ADD COLUMN cps             VARCHAR(40)  NOT NULL DEFAULT '' AFTER profile_version,
  ADD COLUMN application_id  BIGINT UNSIGNED NULL AFTER account_id,
  ADD COLUMN requested_by    BIGINT UNSIGNED NULL AFTER application_id,
  ADD COLUMN common_name     VARCHAR(200) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '' AFTER subject_text,
  ADD COLUMN email           VARCHAR(254) NOT NULL DEFAULT '' COMMENT 'lower case' AFTER common_name,
  ADD COLUMN crl_part        INT UNSIGNED NULL,
  ADD COLUMN replaced_by     BIGINT UNSIGNED NULL COMMENT 'its successor: expiry notices stop',
  ADD UNIQUE KEY application (application_id),
  ADD KEY names (tenant_id, common_name),
  ADD KEY mails (tenant_id, email),
  ADD KEY serials (serial),
  ADD KEY expiring (tenant_id, state, not_after),
  ADD KEY due (state, not_after),
  ADD CONSTRAINT certificate_application FOREIGN KEY (application_id) REFERENCES application (id),
  ADD CONSTRAINT certificate_requester FOREIGN KEY (requested_by) REFERENCES account (id),
  ADD CONSTRAINT certificate_successor FOREIGN KEY (replaced_by) REFERENCES certificate (id);
