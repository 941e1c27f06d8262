-- 0023_inventory.sql - the orders in which a customer's certificates are looked through. Each serves a
-- list of a million rows (decision 0166): by end within a state, by end within a profile and a state, by
-- name with what the other filters need in the index itself.
ALTER TABLE certificate
  DROP KEY names,
  ADD KEY finds (tenant_id, common_name, state, not_after),
  ADD KEY kinds (tenant_id, profile, state, not_after);
