-- What the foundation itself keeps: jobs, mail, counters, signs of life. The table of migrations is
-- made by the migrator before this file runs.

CREATE TABLE job (
    id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    kind          VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    payload       MEDIUMTEXT NOT NULL CHECK (JSON_VALID(payload)),
    state         ENUM('ready', 'running', 'done', 'dead') NOT NULL DEFAULT 'ready',
    due           DATETIME(6) NOT NULL,
    attempts      INT UNSIGNED NOT NULL DEFAULT 0,
    claimed_by    VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    claimed_until DATETIME(6) NULL,
    last_error    VARCHAR(512) NULL,
    created       DATETIME(6) NOT NULL,
    ended         DATETIME(6) NULL,
    PRIMARY KEY (id),
    KEY job_due (state, due),
    KEY job_lease (state, claimed_until),
    KEY job_ended (state, ended),
    CONSTRAINT job_claim CHECK ((state = 'running') = (claimed_by IS NOT NULL)),
    CONSTRAINT job_lease CHECK ((claimed_by IS NULL) = (claimed_until IS NULL)),
    CONSTRAINT job_end CHECK ((state IN ('done', 'dead')) = (ended IS NOT NULL))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Periodic tasks of the worker: when each is due next, over all workers of the installation.
CREATE TABLE task (
    name          VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    due           DATETIME(6) NOT NULL,
    claimed_by    VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    claimed_until DATETIME(6) NULL,
    last_ok       DATETIME(6) NULL,
    last_error    VARCHAR(512) NULL,
    PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The outbox. tenant_id 0: the provider itself. Bodies are erased once the mail is sent.
CREATE TABLE mail (
    id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    tenant_id     BIGINT UNSIGNED NOT NULL,
    recipient     VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    template      VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    lang          CHAR(2) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    subject       VARCHAR(200) NOT NULL,
    text_part     MEDIUMTEXT NULL,
    html_part     MEDIUMTEXT NULL,
    token         VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    state         ENUM('queued', 'sent', 'failed') NOT NULL DEFAULT 'queued',
    attempts      INT UNSIGNED NOT NULL DEFAULT 0,
    last_error    VARCHAR(512) NULL,
    created       DATETIME(6) NOT NULL,
    sent_at       DATETIME(6) NULL,
    PRIMARY KEY (id),
    KEY mail_tenant (tenant_id, id),
    KEY mail_state (state, id),
    CONSTRAINT mail_lang CHECK (lang IN ('ja', 'en')),
    CONSTRAINT mail_sent CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CONSTRAINT mail_body CHECK (state = 'sent' OR text_part IS NOT NULL)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Hits per key and fixed window.
CREATE TABLE rate_limit (
    key_hash      BINARY(32) NOT NULL,
    window_start  DATETIME(6) NOT NULL,
    window_end    DATETIME(6) NOT NULL,
    hits          INT UNSIGNED NOT NULL,
    PRIMARY KEY (key_hash, window_start),
    KEY rate_limit_end (window_end)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE heartbeat (
    program       VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    instance      VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    beat_at       DATETIME(6) NOT NULL,
    PRIMARY KEY (program, instance)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Facts about the installation that programs share. Never a secret.
CREATE TABLE setting (
    name          VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    value         VARCHAR(2000) NOT NULL,
    changed_at    DATETIME(6) NOT NULL,
    PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
