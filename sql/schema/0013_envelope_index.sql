-- 0013_envelope_index.sql - an index that holds an account and a state makes each change of the state check, and lock,
-- the account: a signature would wait for its own one-time code, which is counted on another connection.
ALTER TABLE envelope_party
  DROP KEY envelope_party_account,
  ADD KEY envelope_party_of_account (account_id);
-- Lists of documents leave out the reports of envelopes.
ALTER TABLE envelope ADD KEY envelope_report (report_id);
