-- 0009_rs.sql - the signer: whose jobs are whose, and the seals that the provider itself signs with.

-- Jobs of kind "signer.*" are for the signer, which holds the signing token, the others for the
-- worker, which holds the CA's; each program claims only its own.
ALTER TABLE job
  ADD COLUMN queue VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin
    AS (CASE WHEN kind LIKE 'signer.%' THEN 'signer' ELSE 'worker' END) PERSISTENT,
  ADD KEY job_queue_due (queue, state, due),
  ADD KEY job_queue_lease (queue, state, claimed_until);

-- A key of the provider's own, without a PIN: 'witness' stands beside people who sign without an own
-- certificate, 'report' signs what the system itself says (verification and evidence reports).
-- Several may exist while one replaces another; the newest that can be used is used.
ALTER TABLE credential
  ADD COLUMN purpose VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD KEY credential_purpose (purpose, state),
  ADD CONSTRAINT credential_purpose_known CHECK (purpose IN ('witness', 'report')),
  ADD CONSTRAINT credential_purpose_seal CHECK (purpose IS NULL OR pin_bound = 0);
