-- 0025_weak_key.sql - keys that everybody can know, as lists in the form of Debian's openssl-blacklist
-- name them: by the last 80 bits of SHA-1 over "Modulus=", the modulus in capital hex, line feed.

CREATE TABLE weak_key (
  fingerprint BINARY(10)  NOT NULL,
  added_at    DATETIME(6) NOT NULL,
  PRIMARY KEY (fingerprint)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
