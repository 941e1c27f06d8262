/* session_cookie.h - private to http/: names of the cookies. `__Host-` makes browsers insist on
 * Secure, Path=/ and no Domain, so that neither plain http nor a sub-domain can plant one. */
#pragma once

#define SESSION_COOKIE "__Host-session"
#define ANONYMOUS_COOKIE "__Host-visit"
#define ANONYMOUS_TEXT 43 /* 32 bytes in base64url */
#define FLASH_COOKIE "__Host-flash"
#define LANG_COOKIE "__Host-lang"
