/* status_api.h - the routes of the status slice, for repository.fcgi. */
#pragma once

#include "http/route.h"

/* GET /ca/{name}.cer, /ca/{name}.pem, /crl/{name}.crl, /ocsp/{request*}; POST /ocsp. */
extern const struct route status_routes[];
