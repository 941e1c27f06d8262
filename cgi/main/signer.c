/*
 * signer.c - signs in the background: asynchronous requests of the API, what follows the last
 * signature of an envelope. Holds the signing token and no CA key, and speaks to nobody outside
 * but through the gateway. Only keys without a PIN can be used here: nobody is there to enter one.
 * What slices contribute is in signer_parts.c, how it runs in work_host.c.
 */
#include "main/signer_parts.h"

int main(int argc, char **argv)
{
    static const struct work_host signer = {
        .name = JOBS_QUEUE_SIGNER,
        .program = DB_SIGNER,
        .processes = "signer.processes",
        .reads = "hsm.signing_pin_file", /* of a token that was away */
        .parts = signer_parts,
        .jobs = signer_parts_jobs,
        .tasks = signer_parts_tasks,
    };

    return work_host_main(&signer, argc, argv);
}
