-- Certificates of the customer @tenant from number @first to @last, and people of it: what the inventory's
-- bench looks through. Every row is a copy of one that was really issued, under another name and number.
SET SESSION unique_checks = 0, foreign_key_checks = 0;
INSERT INTO account (tenant_id, login, email, name, role_family, state, state_at, password_hash, created_at)
SELECT @tenant, CONCAT('u', seq, '@large.example'), CONCAT('u', seq, '@large.example'),
       CONCAT(ELT(1 + seq % 7, '佐藤', '鈴木', '高橋', '田中', '伊藤', '渡辺', 'Smith'), ' ', LPAD(seq, 6, '0')),
       'customer', 'active', NOW(6), 'none', NOW(6)
  FROM seq_1_to_100000 WHERE seq BETWEEN (@first - 1) DIV 10 + 1 AND @last DIV 10;
SET @person = (SELECT MIN(id) FROM account WHERE login LIKE 'u%@large.example');
INSERT INTO certificate (tenant_id, account_id, requested_by, authority_id, profile, state, subject, subject_text,
       common_name, email, spki, spki_sha256, validity_us, serial, tbs, der, fingerprint, not_before, not_after,
       revoked_at, reason, requested_at, issued_at)
SELECT @tenant, @person + s.seq DIV 10 % 100000, @person + s.seq % 1000, c.authority_id,
       ELT(1 + s.seq % 5, 'user-auth', 'smime', 'user-auth', 'device', 'client'),
       CASE WHEN s.seq % 100 < 4 THEN 'revoked' WHEN s.seq % 1000 = 7 THEN 'suspended' ELSE 'issued' END,
       c.subject, CONCAT('CN=', s.seq),
       CONCAT(ELT(1 + s.seq % 7, '佐藤', '鈴木', '高橋', '田中', '伊藤', '渡辺', 'Smith'), ' ', LPAD(s.seq % 100000, 6, '0')),
       CONCAT('u', s.seq % 100000, '@large.example'), c.spki, UNHEX(SHA2(s.seq, 256)), c.validity_us,
       UNHEX(CONCAT('3f', LEFT(SHA2(CONCAT('n', s.seq), 256), 38))), c.tbs, c.der, UNHEX(SHA2(CONCAT('f', s.seq), 256)),
       NOW(6) - INTERVAL s.seq % 700 DAY, NOW(6) - INTERVAL s.seq % 700 DAY + INTERVAL 720 - 30 * (s.seq % 9) DAY,
       IF(s.seq % 100 < 4 OR s.seq % 1000 = 7, NOW(6), NULL), CASE WHEN s.seq % 100 < 4 THEN 4 WHEN s.seq % 1000 = 7 THEN 6 ELSE 0 END,
       NOW(6), NOW(6)
  FROM seq_1_to_1000000 s JOIN certificate c ON c.id = @copied
 WHERE s.seq BETWEEN @first AND @last;
ANALYZE TABLE certificate, account;
