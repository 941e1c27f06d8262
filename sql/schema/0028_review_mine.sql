-- 0028_review_mine.sql - the queue by time, with all that says whose turn it is: who applied for
-- 100,000 applications in bulk is told at once that none of them is theirs to decide.

ALTER TABLE application
  ADD KEY queue_mine (tenant_id, state, submitted_at, profile, applicant_id, subscriber_id,
    first_approver, via),
  DROP KEY queue;
