-- Statements of `shomeictl demo`.

-- name: demo_made
-- does: what the demonstration has made so far, as the audit log tells
-- role: ctl
-- in: limit u32
-- rows: kind text(40)?, object text(80)?, name text(80)?
SELECT object_kind, object_id, JSON_VALUE(detail, '$.case') AS name FROM audit_event
 WHERE action = 'demo.case.make' ORDER BY id LIMIT :limit
