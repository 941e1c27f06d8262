-- 0029_review_order.sql - the same index in the order in which the queue is read: by time, then by
-- number, so that a page of it is found without sorting.

ALTER TABLE application
  ADD KEY queue_order (tenant_id, state, submitted_at, id, applicant_id, subscriber_id,
    first_approver, via),
  DROP KEY queue_mine;
