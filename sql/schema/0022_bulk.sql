-- 0022_bulk.sql - many certificates from one file: an upload is a run, each of its lines a row with
-- an outcome of its own (P1-09, P3-32).

-- digest: of profile and file, so that the same file under the same profile is the same run. read_at,
-- read_line: how far the worker has checked. state paused: by a person (pause '') or because the one who
-- uploaded may not act any more (pause says why). erase_at: cells, file and keys go, outcomes stay.
-- box_*: only with PKCS#12: keys of rows are encrypted to box_public; its private half (box_sealed) opens
-- with the password that was shown once, and with nothing else.
CREATE TABLE bulk_run (
  id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  public_id    VARCHAR(32)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_id    BIGINT UNSIGNED NOT NULL,
  account_id   BIGINT UNSIGNED NOT NULL COMMENT 'who uploaded it and acts in it',
  profile      VARCHAR(40)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  filename     VARCHAR(255)    NOT NULL,
  digest       BINARY(32)      NOT NULL,
  size         INT UNSIGNED    NOT NULL,
  encoding     VARCHAR(12)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  format       VARCHAR(3)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  lang         CHAR(2)         CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  header       TEXT            NOT NULL COMMENT 'JSON array: titles as uploaded',
  state        VARCHAR(8)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'checking',
  pause        VARCHAR(64)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  row_count    INT UNSIGNED    NOT NULL,
  read_count   INT UNSIGNED    NOT NULL DEFAULT 0,
  read_at      INT UNSIGNED    NOT NULL COMMENT 'octets of the file that are checked',
  read_line    INT UNSIGNED    NOT NULL,
  box_public   VARBINARY(100)  NULL,
  box_salt     BINARY(16)      NULL,
  box_sealed   VARBINARY(400)  NULL,
  created_at   DATETIME(6)     NOT NULL,
  started_at   DATETIME(6)     NULL,
  ended_at     DATETIME(6)     NULL,
  told_at      DATETIME(6)     NULL COMMENT 'mail at the end',
  erase_at     DATETIME(6)     NOT NULL,
  erased_at    DATETIME(6)     NULL,
  PRIMARY KEY (id),
  UNIQUE KEY public_id (public_id),
  UNIQUE KEY once (tenant_id, digest),
  KEY erase (erased_at, erase_at),
  CONSTRAINT bulk_run_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT bulk_run_account FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT bulk_run_encoding CHECK (encoding IN ('utf-8', 'utf-8-bom', 'windows-31j')),
  CONSTRAINT bulk_run_format CHECK (format IN ('csv', 'tsv')),
  CONSTRAINT bulk_run_lang CHECK (lang IN ('ja', 'en')),
  CONSTRAINT bulk_run_header CHECK (JSON_VALID(header)),
  CONSTRAINT bulk_run_state CHECK
    (state IN ('checking', 'checked', 'running', 'paused', 'stopped', 'done')),
  CONSTRAINT bulk_run_size CHECK (size <= 10485760 AND row_count <= 20000),
  CONSTRAINT bulk_run_started CHECK ((state IN ('checking', 'checked')) = (started_at IS NULL)),
  CONSTRAINT bulk_run_ended CHECK ((state IN ('stopped', 'done')) = (ended_at IS NOT NULL)),
  CONSTRAINT bulk_run_box CHECK ((box_public IS NULL) = (box_sealed IS NULL)
    AND (box_public IS NULL) = (box_salt IS NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The file as it came, until all of it is rows.
CREATE TABLE bulk_piece (
  run_id       BIGINT UNSIGNED NOT NULL,
  seq          INT UNSIGNED    NOT NULL,
  data         MEDIUMBLOB      NOT NULL,
  PRIMARY KEY (run_id, seq),
  CONSTRAINT bulk_piece_run FOREIGN KEY (run_id) REFERENCES bulk_run (id) ON DELETE CASCADE,
  CONSTRAINT bulk_piece_size CHECK (LENGTH(data) BETWEEN 1 AND 262144)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- bad: refused by the check. sent: approved, the certificate is being made. review: waits for a second
-- person. same: its id was done before, nothing was done now. twin: what may not come twice in one file.
CREATE TABLE bulk_row (
  run_id         BIGINT UNSIGNED NOT NULL,
  seq            INT UNSIGNED    NOT NULL,
  tenant_id      BIGINT UNSIGNED NOT NULL,
  line           INT UNSIGNED    NOT NULL COMMENT 'of the file',
  operation      VARCHAR(8)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  key_source     VARCHAR(8)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  state          VARCHAR(8)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ref            VARCHAR(64)     NULL COMMENT 'column id',
  title          VARCHAR(200)    NOT NULL DEFAULT '' COMMENT 'name or serial number, for lists',
  twin           BINARY(32)      NULL,
  cells          MEDIUMTEXT      NULL COMMENT 'JSON array: as uploaded',
  findings       TEXT            NULL COMMENT 'JSON array of {code, field, detail, refuses}',
  application_id BIGINT UNSIGNED NULL,
  certificate_id BIGINT UNSIGNED NULL,
  receipt        VARCHAR(24)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  tries          INT UNSIGNED    NOT NULL DEFAULT 0,
  done_at        DATETIME(6)     NULL,
  PRIMARY KEY (run_id, seq),
  KEY states (run_id, state, seq),
  KEY twins (run_id, twin),
  KEY application (application_id),
  CONSTRAINT bulk_row_run FOREIGN KEY (run_id) REFERENCES bulk_run (id) ON DELETE CASCADE,
  CONSTRAINT bulk_row_tenant FOREIGN KEY (tenant_id) REFERENCES tenant (id),
  CONSTRAINT bulk_row_application FOREIGN KEY (application_id) REFERENCES application (id),
  CONSTRAINT bulk_row_certificate FOREIGN KEY (certificate_id) REFERENCES certificate (id),
  CONSTRAINT bulk_row_operation CHECK
    (operation IN ('', 'issue', 'renew', 'revoke', 'suspend', 'release')),
  CONSTRAINT bulk_row_state CHECK
    (state IN ('bad', 'ready', 'sent', 'review', 'done', 'failed', 'same')),
  CONSTRAINT bulk_row_json CHECK ((cells IS NULL OR JSON_VALID(cells))
    AND (findings IS NULL OR JSON_VALID(findings)))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What was done under an id: the same operation under the same id is not done again, in whatever file.
CREATE TABLE bulk_once (
  tenant_id    BIGINT UNSIGNED NOT NULL,
  operation    VARCHAR(8)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ref          VARCHAR(64)     NOT NULL,
  run_id       BIGINT UNSIGNED NOT NULL,
  seq          INT UNSIGNED    NOT NULL,
  PRIMARY KEY (tenant_id, operation, ref),
  KEY of_row (run_id, seq),
  CONSTRAINT bulk_once_row FOREIGN KEY (run_id, seq) REFERENCES bulk_row (run_id, seq)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Private keys that the worker made, encrypted to the run's box_public.
CREATE TABLE bulk_key (
  run_id       BIGINT UNSIGNED NOT NULL,
  seq          INT UNSIGNED    NOT NULL,
  sealed       VARBINARY(4096) NOT NULL,
  PRIMARY KEY (run_id, seq),
  CONSTRAINT bulk_key_row FOREIGN KEY (run_id, seq) REFERENCES bulk_row (run_id, seq) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
