-- 0021_lifecycle.sql - what happens to a certificate after its release: changes, notices, links.

-- Each change of status and who asked for it. The audit log is another matter. actor_id NULL: a
-- program, or somebody who proved to hold the key (signed) or the registered address (link).
CREATE TABLE certificate_change (
  id             BIGINT UNSIGNED  NOT NULL AUTO_INCREMENT,
  certificate_id BIGINT UNSIGNED  NOT NULL,
  tenant_id      BIGINT UNSIGNED  NULL,
  at             DATETIME(6)      NOT NULL,
  actor_id       BIGINT UNSIGNED  NULL,
  kind           VARCHAR(12)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  how            VARCHAR(8)       CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason         TINYINT UNSIGNED NOT NULL DEFAULT 0,
  dated          DATETIME(6)      NULL COMMENT 'revocation date',
  other_id       BIGINT UNSIGNED  NULL COMMENT 'the successor, when kind is replaced',
  PRIMARY KEY (id),
  KEY certificate (certificate_id, id),
  CONSTRAINT certificate_change_certificate FOREIGN KEY (certificate_id) REFERENCES certificate (id),
  CONSTRAINT certificate_change_actor FOREIGN KEY (actor_id) REFERENCES account (id),
  CONSTRAINT certificate_change_kind CHECK
    (kind IN ('revoked', 'compromised', 'suspended', 'released', 'replaced')),
  CONSTRAINT certificate_change_how CHECK
    (how IN ('page', 'bulk', 'signed', 'link', 'api', 'worker')),
  CONSTRAINT certificate_change_dated CHECK
    ((kind IN ('revoked', 'compromised', 'suspended')) = (dated IS NOT NULL)),
  CONSTRAINT certificate_change_other CHECK ((kind = 'replaced') = (other_id IS NOT NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='append only';

-- Notices to subscribers: one for each certificate and step, whatever crashes.
CREATE TABLE certificate_notice (
  certificate_id BIGINT UNSIGNED  NOT NULL,
  days           INT UNSIGNED     NOT NULL COMMENT 'the step of the profile that it was sent for',
  sent_at        DATETIME(6)      NOT NULL,
  PRIMARY KEY (certificate_id, days),
  CONSTRAINT certificate_notice_certificate FOREIGN KEY (certificate_id) REFERENCES certificate (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Digests to administrators: each has been told of all steps that were reached until then.
CREATE TABLE certificate_digest (
  account_id     BIGINT UNSIGNED  NOT NULL,
  upto           DATETIME(6)      NOT NULL,
  PRIMARY KEY (account_id),
  CONSTRAINT certificate_digest_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Who wants no notices about what. certificate_id 0: about none at all.
CREATE TABLE certificate_mute (
  account_id     BIGINT UNSIGNED  NOT NULL,
  certificate_id BIGINT UNSIGNED  NOT NULL,
  muted_at       DATETIME(6)      NOT NULL,
  PRIMARY KEY (account_id, certificate_id),
  CONSTRAINT certificate_mute_account FOREIGN KEY (account_id) REFERENCES account (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One-time links. revoke: to all certificates of a registered address; download: to one certificate.
CREATE TABLE certificate_link (
  token_hash     BINARY(32)       NOT NULL COMMENT 'SHA-256 of what the mail holds',
  purpose        VARCHAR(8)       CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  certificate_id BIGINT UNSIGNED  NULL,
  email          VARCHAR(254)     NOT NULL COMMENT 'where it was sent, lower case',
  created_at     DATETIME(6)      NOT NULL,
  until          DATETIME(6)      NOT NULL,
  used_at        DATETIME(6)      NULL,
  PRIMARY KEY (token_hash),
  KEY email (email, created_at),
  KEY over_at (until),
  CONSTRAINT certificate_link_certificate FOREIGN KEY (certificate_id) REFERENCES certificate (id),
  CONSTRAINT certificate_link_purpose CHECK
    (purpose IN ('revoke', 'download') AND (purpose = 'download') = (certificate_id IS NOT NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Challenges of signed revocation requests that were used, as long as they would still be good.
CREATE TABLE revocation_challenge (
  challenge      BINARY(32)       NOT NULL COMMENT 'its SHA-256',
  until          DATETIME(6)      NOT NULL,
  PRIMARY KEY (challenge),
  KEY over_at (until)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

ALTER TABLE account ADD KEY mail (email);
