/* signing_verify_report_pages.h - the findings about one file as a report. */
#pragma once

#include "features/signing/signing_report.h"
#include "http/message.h"

/* A report in that language, ready to be signed. */
struct signing_report *signing_verify_report_make(struct arena *a, enum lang lang,
                                                  struct str filename,
                                                  const struct signing_verification *v);
