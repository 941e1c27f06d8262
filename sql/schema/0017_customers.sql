-- 0017_customers.sql - what the provider keeps of a customer's contract (P1-10, P1-20, P2-03), and
-- files of people that customer administrators upload.

ALTER TABLE tenant
  ADD COLUMN hosting        VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'provider'
    COMMENT 'where the service runs for this customer (P2-03)' AFTER kind,
  ADD COLUMN contract_start DATETIME(6) NULL COMMENT 'nobody signs in before' AFTER hosting,
  ADD KEY names (name, id),
  ADD CONSTRAINT tenant_hosting CHECK (hosting IN ('provider', 'cloud', 'dedicated')),
  ADD CONSTRAINT tenant_term CHECK (contract_start IS NULL OR contract_end IS NULL
    OR contract_start < contract_end);

-- Contact persons of a customer. Name, phone and mail address, and nothing else (P1-20): a fourth
-- item of theirs has no column to go to.
CREATE TABLE tenant_contact (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id     BIGINT UNSIGNED NOT NULL,
  name          VARCHAR(120)    NOT NULL,
  phone         VARCHAR(30)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  email         VARCHAR(254)    NOT NULL COMMENT 'lower case',
  purpose       VARCHAR(40)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'mpki.register',
  added_at      DATETIME(6)     NOT NULL,
  added_by      BIGINT UNSIGNED NULL COMMENT 'NULL: from the command line',
  PRIMARY KEY (id),
  UNIQUE KEY email (tenant_id, email),
  CONSTRAINT tenant_contact_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT tenant_contact_purpose CHECK (purpose = 'mpki.register')
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What staff did for a customer on whose word: nothing is done before somebody has confirmed that
-- who asks may ask (P1-10). The row is written in the transaction of the act itself.
CREATE TABLE tenant_act (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  receipt       VARCHAR(16)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT '受付番号',
  tenant_id     BIGINT UNSIGNED NOT NULL,
  kind          VARCHAR(16)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  authority     VARCHAR(12)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'how it was confirmed',
  note          VARCHAR(500)    NOT NULL COMMENT 'by what: order number, document, whom was called',
  object        VARCHAR(300)    NOT NULL DEFAULT '' COMMENT 'what of the customer it was about',
  actor_id      BIGINT UNSIGNED NULL COMMENT 'NULL: from the command line',
  at            DATETIME(6)     NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY receipt (receipt),
  KEY tenant (tenant_id, id),
  CONSTRAINT tenant_act_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT tenant_act_kind CHECK (kind IN ('create', 'contract', 'contact-add', 'contact-drop',
    'name-add', 'name-drop', 'administrator')),
  CONSTRAINT tenant_act_authority CHECK (authority IN ('contract', 'callback', 'signed-mail', 'meeting')),
  CONSTRAINT tenant_act_note CHECK (CHAR_LENGTH(note) > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='append only';

-- By what a name was shown to be the customer's.
ALTER TABLE tenant_namespace
  ADD COLUMN evidence VARCHAR(500) NOT NULL DEFAULT '';

-- A file of people: validated whole, shown, then run. ran_digest: the same file runs once.
CREATE TABLE roster (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id     BIGINT UNSIGNED NOT NULL,
  account_id    BIGINT UNSIGNED NOT NULL COMMENT 'who uploaded it',
  filename      VARCHAR(255)    NOT NULL,
  digest        BINARY(32)      NOT NULL COMMENT 'SHA-256 of the file',
  ran_digest    BINARY(32)      NULL COMMENT 'the same, once started',
  state         VARCHAR(8)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'preview',
  row_count     INT UNSIGNED    NOT NULL,
  bad_count     INT UNSIGNED    NOT NULL,
  created_at    DATETIME(6)     NOT NULL,
  started_at    DATETIME(6)     NULL,
  ended_at      DATETIME(6)     NULL,
  PRIMARY KEY (id),
  UNIQUE KEY ran (tenant_id, ran_digest),
  KEY tenant (tenant_id, id),
  KEY over_at (state, created_at),
  CONSTRAINT roster_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT roster_account FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT roster_state CHECK (state IN ('preview', 'running', 'done')),
  CONSTRAINT roster_whole CHECK (state = 'preview' OR bad_count = 0),
  CONSTRAINT roster_times CHECK ((state = 'preview') = (started_at IS NULL)
    AND (state = 'preview') = (ran_digest IS NULL) AND (state = 'done') = (ended_at IS NOT NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE roster_row (
  roster_id     BIGINT UNSIGNED NOT NULL,
  number        INT UNSIGNED    NOT NULL COMMENT 'from 1',
  tenant_id     BIGINT UNSIGNED NOT NULL,
  line          INT UNSIGNED    NOT NULL COMMENT 'in the file',
  operation     VARCHAR(8)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  login         VARCHAR(254)    NOT NULL,
  name          VARCHAR(120)    NOT NULL,
  email         VARCHAR(254)    NOT NULL,
  roles         INT UNSIGNED    NOT NULL DEFAULT 0,
  lang          CHAR(2)         CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'ja',
  problem       VARCHAR(32)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  outcome       VARCHAR(8)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  reason        VARCHAR(64)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  account_id    BIGINT UNSIGNED NULL,
  PRIMARY KEY (roster_id, number),
  KEY outcome (roster_id, outcome, number),
  KEY problem (roster_id, problem, number),
  CONSTRAINT roster_row_roster FOREIGN KEY (roster_id) REFERENCES roster (id) ON DELETE CASCADE,
  CONSTRAINT roster_row_operation CHECK (operation IN ('', 'INVITE', 'SUSPEND', 'RESUME', 'REMOVE')),
  CONSTRAINT roster_row_outcome CHECK (outcome IN ('', 'done', 'already', 'failed'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
