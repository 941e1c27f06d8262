-- 0008_envelope.sql - contract envelopes: documents that several people sign in one go (decision 0120).

-- One envelope. Title and message go with the documents; who signed what and when stays 7 years.
CREATE TABLE envelope (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NULL,
  client_id BIGINT UNSIGNED NULL,
  sender_name VARCHAR(120) NOT NULL,
  -- the sender's organisation: what mails say instead of a person's name (P1-21)
  organisation VARCHAR(120) NOT NULL,
  title VARCHAR(120) NULL,
  message VARCHAR(2000) NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'draft',
  ordered TINYINT(1) NOT NULL DEFAULT 1,
  remind_days TINYINT UNSIGNED NOT NULL DEFAULT 3,
  deadline DATETIME(6) NULL,
  -- how long the sender agreed that the documents are held for the signers
  agreed_until DATETIME(6) NULL,
  agreed_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  sent_at DATETIME(6) NULL,
  ended_at DATETIME(6) NULL,
  end_reason VARCHAR(500) NULL,
  erase_at DATETIME(6) NULL,
  erased_at DATETIME(6) NULL,
  report_id BIGINT UNSIGNED NULL,
  report_digest BINARY(32) NULL,
  keep_until DATETIME(6) NOT NULL,
  UNIQUE KEY envelope_public (public_id),
  KEY envelope_by_account (tenant_id, account_id, created_at),
  KEY envelope_by_client (tenant_id, client_id, created_at),
  KEY envelope_deadline (state, deadline),
  KEY envelope_erase (erased_at, erase_at),
  KEY envelope_keep (keep_until),
  CONSTRAINT envelope_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT envelope_account FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT envelope_client FOREIGN KEY (client_id) REFERENCES client (id),
  CONSTRAINT envelope_owner CHECK ((account_id IS NULL) <> (client_id IS NULL)),
  CONSTRAINT envelope_state CHECK (state IN ('draft', 'sent', 'completing', 'completed', 'declined',
    'voided', 'expired')),
  -- nothing is sent without a deadline, and without the sender's word on how long it is held
  CONSTRAINT envelope_sent CHECK (state = 'draft' OR (sent_at IS NOT NULL AND deadline IS NOT NULL
    AND agreed_at IS NOT NULL AND agreed_until IS NOT NULL)),
  CONSTRAINT envelope_agreed CHECK (agreed_until <= sent_at + INTERVAL 90 DAY),
  CONSTRAINT envelope_ended CHECK ((state IN ('completed', 'declined', 'voided', 'expired'))
    = (ended_at IS NOT NULL)),
  -- what has ended is gone eight hours later
  CONSTRAINT envelope_erased CHECK (ended_at IS NULL OR erase_at <= ended_at + INTERVAL 8 HOUR),
  CONSTRAINT envelope_void CHECK (state <> 'voided' OR end_reason IS NOT NULL)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The documents, in order. Each is a row of `document` with a key of its own.
CREATE TABLE envelope_document (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  envelope_id BIGINT UNSIGNED NOT NULL,
  document_id BIGINT UNSIGNED NOT NULL,
  seq INT UNSIGNED NOT NULL,
  pages INT UNSIGNED NOT NULL DEFAULT 0,
  digest_sent BINARY(32) NULL,
  digest_done BINARY(32) NULL,
  UNIQUE KEY envelope_document_once (document_id),
  KEY envelope_document_of (envelope_id, seq),
  CONSTRAINT envelope_document_envelope FOREIGN KEY (envelope_id) REFERENCES envelope (id)
    ON DELETE CASCADE,
  CONSTRAINT envelope_document_document FOREIGN KEY (document_id) REFERENCES document (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Who signs, and who gets a copy. `turn` says whose signature is awaited.
CREATE TABLE envelope_party (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  public_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  envelope_id BIGINT UNSIGNED NOT NULL,
  seq INT UNSIGNED NOT NULL,
  kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(120) NOT NULL,
  mail VARCHAR(254) NOT NULL,
  lang CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  method VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  account_id BIGINT UNSIGNED NULL,
  state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'waiting',
  invited_at DATETIME(6) NULL,
  opened_at DATETIME(6) NULL,
  signed_at DATETIME(6) NULL,
  declined_at DATETIME(6) NULL,
  decline_reason VARCHAR(500) NULL,
  reminded_at DATETIME(6) NULL,
  reminded_by_hand_at DATETIME(6) NULL,
  code_hash BINARY(32) NULL,
  code_until DATETIME(6) NULL,
  code_tries INT UNSIGNED NOT NULL DEFAULT 0,
  code_failures INT UNSIGNED NOT NULL DEFAULT 0,
  UNIQUE KEY envelope_party_public (public_id),
  UNIQUE KEY envelope_party_mail (envelope_id, mail),
  KEY envelope_party_account (account_id, state),
  CONSTRAINT envelope_party_envelope FOREIGN KEY (envelope_id) REFERENCES envelope (id)
    ON DELETE CASCADE,
  CONSTRAINT envelope_party_account FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT envelope_party_kind CHECK (kind IN ('signer', 'copy')),
  CONSTRAINT envelope_party_method CHECK (method IN ('own', 'witness', 'none')
    AND (method = 'none') = (kind = 'copy')),
  CONSTRAINT envelope_party_lang CHECK (lang IN ('ja', 'en')),
  CONSTRAINT envelope_party_state CHECK (state IN ('waiting', 'turn', 'signed', 'declined', 'ended')),
  CONSTRAINT envelope_party_copy CHECK (kind = 'signer' OR state IN ('waiting', 'ended')),
  CONSTRAINT envelope_party_signed CHECK ((state = 'signed') = (signed_at IS NOT NULL)),
  CONSTRAINT envelope_party_opened CHECK (state NOT IN ('signed', 'declined') OR opened_at IS NOT NULL),
  CONSTRAINT envelope_party_declined CHECK ((state = 'declined') = (declined_at IS NOT NULL)
    AND (state = 'declined') = (decline_reason IS NOT NULL)),
  CONSTRAINT envelope_party_tries CHECK (code_tries <= 5)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Where a signer's seal goes. `place` is a name on the grid, or 'mm': then x and y count in hundredths
-- of a millimetre from the lower left corner of the page as displayed.
CREATE TABLE envelope_field (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  party_id BIGINT UNSIGNED NOT NULL,
  envelope_document_id BIGINT UNSIGNED NOT NULL,
  page INT UNSIGNED NOT NULL,
  place VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  x INT UNSIGNED NOT NULL DEFAULT 0,
  y INT UNSIGNED NOT NULL DEFAULT 0,
  size INT UNSIGNED NOT NULL,
  KEY envelope_field_party (party_id),
  CONSTRAINT envelope_field_party FOREIGN KEY (party_id) REFERENCES envelope_party (id)
    ON DELETE CASCADE,
  CONSTRAINT envelope_field_document FOREIGN KEY (envelope_document_id)
    REFERENCES envelope_document (id) ON DELETE CASCADE,
  CONSTRAINT envelope_field_page CHECK (page >= 1),
  CONSTRAINT envelope_field_size CHECK (size BETWEEN 800 AND 6000)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Links in mails: only the digest of the token is here. Several may be good at once (invitation,
-- reminders); all end with the envelope, and with a change of the address.
CREATE TABLE envelope_link (
  token_hash BINARY(32) NOT NULL PRIMARY KEY,
  party_id BIGINT UNSIGNED NOT NULL,
  created_at DATETIME(6) NOT NULL,
  expire_at DATETIME(6) NOT NULL,
  KEY envelope_link_party (party_id),
  KEY envelope_link_expire (expire_at),
  CONSTRAINT envelope_link_party FOREIGN KEY (party_id) REFERENCES envelope_party (id)
    ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A browser that gave the code from the mail: digest of its cookie.
CREATE TABLE envelope_visit (
  cookie_hash BINARY(32) NOT NULL PRIMARY KEY,
  party_id BIGINT UNSIGNED NOT NULL,
  created_at DATETIME(6) NOT NULL,
  expire_at DATETIME(6) NOT NULL,
  KEY envelope_visit_party (party_id),
  KEY envelope_visit_expire (expire_at),
  CONSTRAINT envelope_visit_party FOREIGN KEY (party_id) REFERENCES envelope_party (id)
    ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One signature of one party in one document: twice is impossible.
CREATE TABLE envelope_signature (
  party_id BIGINT UNSIGNED NOT NULL,
  envelope_document_id BIGINT UNSIGNED NOT NULL,
  record VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  digest_before BINARY(32) NOT NULL,
  digest_after BINARY(32) NOT NULL,
  certificate VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tsa_serial VARCHAR(64) NULL,
  tsa_time DATETIME(6) NULL,
  signed_at DATETIME(6) NOT NULL,
  address VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  identified VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (party_id, envelope_document_id),
  KEY envelope_signature_document (envelope_document_id),
  CONSTRAINT envelope_signature_party FOREIGN KEY (party_id) REFERENCES envelope_party (id)
    ON DELETE CASCADE,
  CONSTRAINT envelope_signature_document FOREIGN KEY (envelope_document_id)
    REFERENCES envelope_document (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='append only';

-- What happened, for sender and report.
CREATE TABLE envelope_event (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  envelope_id BIGINT UNSIGNED NOT NULL,
  party_id BIGINT UNSIGNED NULL,
  what VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  at DATETIME(6) NOT NULL,
  address VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  KEY envelope_event_of (envelope_id, id),
  CONSTRAINT envelope_event_envelope FOREIGN KEY (envelope_id) REFERENCES envelope (id)
    ON DELETE CASCADE,
  CONSTRAINT envelope_event_party FOREIGN KEY (party_id) REFERENCES envelope_party (id)
    ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='append only';
