/* rs_verify_work.c - judges a file that arrives, wherever its bytes are. */
#include "features/rs/rs_job.h"
#include "sign/pdf_source.h"
#include "store/db.h"

enum err rs_verify(struct tx *tx, struct signing_intake *in, const struct secret *password,
                   struct timestamp at, struct signing_verification *out)
{
    struct pdf_source source;
    const struct signing_verify_request ask = { .source = &source, .password = password, .at = at };

    TRY(signing_intake_source(tx, in, tx_arena(tx), &source));
    return signing_verify(&ask, tx_arena(tx), out);
}
