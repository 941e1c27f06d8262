/* rs_inside.h - what the files of this slice share. Not for anybody else. */
#pragma once

#include "features/rs/rs.h"
#include "store/db.h"

/* Is http://localhost a place to tell things to? */
bool rs_is_development(void);
/* Is it a place that may be told things, as far as its text says? E_INPUT "webhook-url". */
enum err rs_webhook_check(struct arena *a, struct str url) MUST_CHECK;
/* What binds a client's webhook secret to it. */
struct str rs_webhook_context(struct arena *a, struct client_id client);
