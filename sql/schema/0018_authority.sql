-- 0018_authority.sql - several authorities, how they are made, partitioned lists, and which certificate
-- replaces which (P3-54, P3-64, P3-104, P3-108, P3-136).

-- crl_parts: lists of partitions, numbered from 1, beside the complete one; it only grows, because
-- certificates name their list. above: an authority whose issuer is not ours has the certificates
-- above it here, DER, its issuer's first, one behind the other.
ALTER TABLE authority
  ADD COLUMN crl_parts  INT UNSIGNED NOT NULL DEFAULT 0 AFTER crl_days,
  ADD COLUMN above      MEDIUMBLOB   NULL AFTER certificate,
  ADD COLUMN retired_at DATETIME(6)  NULL,
  ADD CONSTRAINT authority_parts CHECK (crl_parts <= 256),
  ADD CONSTRAINT authority_retired CHECK ((state = 'retired') = (retired_at IS NOT NULL));

-- part 0: the complete list. The numbers of all lists of one authority are one sequence, so that those
-- of each part grow.
ALTER TABLE crl
  ADD COLUMN part INT UNSIGNED NOT NULL DEFAULT 0 AFTER authority_id,
  ADD KEY newest (authority_id, part, number);

ALTER TABLE certificate
  ADD COLUMN renews BIGINT UNSIGNED NULL COMMENT 'the certificate that this one replaces once it is issued',
  ADD KEY renewing (renews),
  ADD KEY parted (authority_id, crl_part, state, not_after),
  ADD CONSTRAINT certificate_renews FOREIGN KEY (renews) REFERENCES certificate (id);

-- Making or retiring an authority: requested by a system administrator, approved by the system
-- manager, performed by two other system administrators. Nobody fills two seats.
CREATE TABLE authority_ceremony (
  id           BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name         VARCHAR(40)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the authority',
  kind         VARCHAR(8)      CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state        VARCHAR(10)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'planned',
  plan         TEXT            NOT NULL COMMENT 'JSON object: what is to be made',
  authority_id BIGINT UNSIGNED NULL,
  requested_by BIGINT UNSIGNED NOT NULL,
  requested_at DATETIME(6)     NOT NULL,
  approved_by  BIGINT UNSIGNED NULL,
  approved_at  DATETIME(6)     NULL,
  first_by     BIGINT UNSIGNED NULL,
  second_by    BIGINT UNSIGNED NULL,
  performed_at DATETIME(6)     NULL,
  PRIMARY KEY (id),
  KEY name (name, id),
  CONSTRAINT authority_ceremony_authority FOREIGN KEY (authority_id) REFERENCES authority (id),
  CONSTRAINT authority_ceremony_requester FOREIGN KEY (requested_by) REFERENCES account (id),
  CONSTRAINT authority_ceremony_approver FOREIGN KEY (approved_by) REFERENCES account (id),
  CONSTRAINT authority_ceremony_first FOREIGN KEY (first_by) REFERENCES account (id),
  CONSTRAINT authority_ceremony_second FOREIGN KEY (second_by) REFERENCES account (id),
  CONSTRAINT authority_ceremony_kind CHECK (kind IN ('create', 'retire')),
  CONSTRAINT authority_ceremony_state CHECK (state IN ('planned', 'approved', 'performed', 'cancelled')),
  CONSTRAINT authority_ceremony_plan CHECK (JSON_VALID(plan)),
  CONSTRAINT authority_ceremony_times CHECK ((approved_by IS NULL) = (approved_at IS NULL)
    AND (first_by IS NULL) = (performed_at IS NULL) AND (first_by IS NULL) = (second_by IS NULL)),
  CONSTRAINT authority_ceremony_order CHECK ((state NOT IN ('approved', 'performed') OR approved_by IS NOT NULL)
    AND (state <> 'performed' OR first_by IS NOT NULL)),
  CONSTRAINT authority_ceremony_seats CHECK ((approved_by IS NULL OR approved_by <> requested_by)
    AND (first_by IS NULL OR (first_by <> second_by AND first_by <> requested_by AND second_by <> requested_by
      AND first_by <> approved_by AND second_by <> approved_by)))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
