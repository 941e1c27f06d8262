-- 0027_account_state.sql - who was invited and never came has no password, and must still be
-- stopped at the end of the contract (P3-145) or on suspicion (P3-140).

ALTER TABLE account
  DROP CONSTRAINT account_password,
  ADD CONSTRAINT account_password CHECK
    (state IN ('invited', 'suspended', 'closed') OR password_hash IS NOT NULL);
