/* signing_reasons_kinds_pages.c - the words for what kinds of signature are refused with. */
#include "features/signing/signing_reasons_pages.h"

const struct signing_reason signing_reasons_kinds[] = {
    { "certified-already", "certify",
      MSG_INIT("This PDF has a certification signature already, and it can have only one. Make an "
               "approval signature.") },
    { "certify-not-first", "certify",
      MSG_INIT("This PDF is signed already. Only the first signature can be a certification: make "
               "an approval signature.") },
    { "certified-no-annotations", "",
      MSG_INIT("Earlier signatures do not allow seals on further pages. Place one seal only.") },
    { "certified-no-seal", "",
      MSG_INIT("This PDF is certified: a new seal could cover what was certified. Sign without a "
               "seal, or in the field that its author made for you.") },
    { "pdf-permissions", "file",
      MSG_INIT("The restrictions of this protected PDF do not allow signatures. Enter the owner's "
               "password, or ask for a file without that restriction.") },
    { "pdf-xfa-dynamic", "file",
      MSG_INIT("This PDF is a dynamic XFA form without pages of its own, which cannot be signed. "
               "Print it into a new PDF, then sign that.") },
    { "field-name-malformed", "field",
      MSG_INIT("The name of a signature field must not be empty and not contain a full stop.") },
    { "seed-reason", "reason",
      MSG_INIT("The author of this PDF allows only certain reasons. Choose one of them.") },
    { "seed-timestamp", "level",
      MSG_INIT("The author of this PDF asks for a timestamp. Choose ES-T, ES-LT or ES-A.") },
    { "seed-revocation", "level",
      MSG_INIT("The author of this PDF asks for revocation data. Choose ES-LT or ES-A.") },
    { "seed-certification", "certify",
      MSG_INIT("The author of this PDF asks for another kind of signature in this field: choose "
               "between approval and certification accordingly.") },
    { "seed-certificate", "credential",
      MSG_INIT("The author of this PDF accepts certain certificates only, and this one is not "
               "among them.") },
    { "seed-", "",
      MSG_INIT("The author of this PDF asks for a kind of signature that cannot be made here.") },
    { "extend-unsigned", "",
      MSG_INIT(
          "Nothing is signed in this PDF, so there is nothing to add evidence for. A timestamp "
          "alone can be added.") },
    { "extend-broken", "",
      MSG_INIT("A signature in this PDF does not fit its content. Evidence would not mend it; "
               "nothing was added.") },
    { "extend-nothing", "",
      MSG_INIT("All evidence is in this PDF already. Nothing had to be added.") },
    { "extend-format", "",
      MSG_INIT("A signature in this PDF has an old form that cannot be extended.") },
    { "chain-", "",
      MSG_INIT("The issuer of a certificate in this PDF cannot be found, so its validity cannot be "
               "proven. Nothing was added.") },
    { "batch-expired", "",
      MSG_INIT("The ten minutes of this authorisation are over. What is not signed yet needs your "
               "PIN and a one-time code again.") },
    { "batch-token", "",
      MSG_INIT("This window is not the one in which you entered your PIN. Go on there, or begin "
               "again.") },
    { "batch-done", "", MSG_INIT("All documents of this authorisation are done.") },
    { "batch-unknown", "", MSG_INIT("This authorisation is over.") },
    { "batch-size", "", MSG_INIT("Choose between 1 and 100 documents.") },
    { "batch-twice", "", MSG_INIT("A document was chosen twice.") },
    { "seal-too-many", "", MSG_INIT("There are too many seals. Place at most 200.") },
    { NULL, NULL, MSG_INIT("") },
};
