/*
 * pdf_verify_change.c - the sentences about what was changed after a signature, and about the rules
 * that judge it. English is the source text of the message catalogue; codes are stable.
 */
#include "sign/pdf_verify_change.h"

/* Marks a text for the catalogue (tools/check-messages); sign/ itself translates nothing. */
#define MSG_INIT(text) text

const struct pdf_verify_text pdf_verify_changes[] = {
    { "dss-added", MSG_INIT("Validation data were added (object {object}).") },
    { "dss-changed", MSG_INIT("Validation data were removed or replaced (object {object}).") },
    { "timestamp-added", MSG_INIT("The document timestamp {field} was added.") },
    { "signature-added", MSG_INIT("The signature {field} was added.") },
    { "signature-shown", MSG_INIT("The visible signature {field} was added on page {page}.") },
    { "signature-covers",
      MSG_INIT(
          "The visible signature {field} on page {page} is so large that it can cover content.") },
    { "signature-field-added", MSG_INIT("The empty signature field {field} was added.") },
    { "signature-field-filled", MSG_INIT("The signature field {field} was signed.") },
    { "signature-field-changed", MSG_INIT("The signature field {field} was changed ({what}).") },
    { "signature-field-shared", MSG_INIT("Two signature fields share one signature: {field}.") },
    { "signature-look", MSG_INIT("The picture of the signature {field} was changed.") },
    { "signature-changed", MSG_INIT("The signature {field} was replaced or changed.") },
    { "field-filled", MSG_INIT("The form field {field} was filled in: {new}") },
    { "field-changed", MSG_INIT("The form field {field} was changed from {old} to {new}") },
    { "field-covers",
      MSG_INIT("The form field {field} on page {page} is so large that it can cover content.") },
    { "field-look",
      MSG_INIT("The form field {field} looks different, but its value is the same.") },
    { "field-altered", MSG_INIT("The form field {field} itself was changed ({what}).") },
    { "field-added", MSG_INIT("The form field {field} was added.") },
    { "annotation-added", MSG_INIT("An annotation was added on page {page} ({what}).") },
    { "annotation-changed", MSG_INIT("An annotation on page {page} was changed ({what}).") },
    { "annotation-removed", MSG_INIT("An annotation on page {page} was removed or replaced.") },
    { "annotation-covers",
      MSG_INIT(
          "An annotation that can cover content was added or changed on page {page} ({what}).") },
    { "annotation-action", MSG_INIT("An annotation on page {page} was given an action ({what}).") },
    { "content-changed", MSG_INIT("The content of page {page} was changed.") },
    { "page-changed", MSG_INIT("Page {page} was changed ({what}).") },
    { "pages-changed", MSG_INIT("Pages were added, removed or put in another order.") },
    { "metadata-changed",
      MSG_INIT("The description of the document was changed (object {object}).") },
    { "extensions-changed",
      MSG_INIT("The version or the extensions of the format were declared ({what}).") },
    { "form-changed", MSG_INIT("The form as a whole was changed ({what}).") },
    { "form-resources", MSG_INIT("Fonts or pictures for the form were added.") },
    { "catalogue-changed", MSG_INIT("The document as a whole was changed ({what}).") },
    { "object-unused",
      MSG_INIT("An object that nothing refers to was added or changed (object {object}).") },
    { "object-shared",
      MSG_INIT("An object with two uses was added or changed (object {object}).") },
    { "object-doubled",
      MSG_INIT("An object is written in a way that programs understand differently "
               "(object {object}).") },
    { "object-removed", MSG_INIT("An object was removed (object {object}).") },
    { "object-other",
      MSG_INIT("Something was changed whose purpose is not known (object {object}).") },
    { "bytes-unreachable", MSG_INIT("There are bytes that no cross-reference leads to.") },
    { "revision-unreadable", MSG_INIT("This version of the document cannot be read.") },
    { "revision-too-large", MSG_INIT("This version has too many objects to be compared.") },
    { NULL, NULL },
};

const struct pdf_verify_text pdf_verify_change_rules[] = {
    { "always", MSG_INIT("Validation data and document timestamps may always be added.") },
    { "not-shown", MSG_INIT("This is not shown on any page.") },
    { "certified-1", MSG_INIT("The certification allows no changes.") },
    { "certified-2", MSG_INIT("The certification allows forms to be filled in and signatures to be "
                              "added, nothing else.") },
    { "certified-3", MSG_INIT("The certification allows annotations, forms to be filled in and "
                              "signatures to be added, nothing else.") },
    { "not-certified", MSG_INIT("Without a certification, empty form fields may be filled in and "
                                "signatures added, nothing else.") },
    { "locked", MSG_INIT("An earlier signature locks this field.") },
    { "visible-certified",
      MSG_INIT("In a certified document, visible signatures may only be put into "
               "fields that were there before.") },
    { "covers", MSG_INIT("What can cover or imitate content is not accepted after a signature.") },
    { "look-and-value",
      MSG_INIT("The look of a form field may only change together with its value.") },
    { "signed-stays", MSG_INIT("What was signed has to stay as it is.") },
    { "harmless-only", MSG_INIT("Only changes that are known to be harmless are accepted.") },
    { NULL, NULL },
};
