/* test_message.c - the catalogue: reading .po files, looking texts up, filling values in. */
#include "tap.h"

#include "http/message.h"
#include "http/message_po.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/shomei-message-XXXXXX";

static void write_po(const char *name, const char *text)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof(path), "%s/ja/%s", dir, name);
    f = fopen(path, "wb");
    if (f != NULL) {
        fputs(text, f);
        fclose(f);
    }
}

static void remove_po(const char *name)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/ja/%s", dir, name);
    unlink(path);
}

static void refused(const char *text, const char *name)
{
    write_po("bad.po", text);
    is_err(message_load(dir), E_INPUT, name);
    remove_po("bad.po");
}

static const char good[] = "# header\n"
                           "msgid \"\"\n"
                           "msgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n"
                           "\n"
                           "#: where\n"
                           "msgid \"Sign a document\"\n"
                           "msgstr \"\"\n"
                           "\"文書に\"\n"
                           "\"署名する\"\n"
                           "\n"
                           "msgctxt \"state\"\n"
                           "msgid \"Open\"\n"
                           "msgstr \"受付中\"\n"
                           "msgid \"Open\"\n"
                           "msgstr \"開く\"\n"
                           "msgid \"Say \\\"{word}\\\" {n} times\"\n"
                           "msgstr \"「{word}」を{n}回\"\n"
                           "#, fuzzy\n"
                           "msgid \"Guess\"\n"
                           "msgstr \"推測\"\n"
                           "msgid \"Kept until {{until}}\"\n"
                           "msgstr \"{{until}}まで保管\"\n";

static void test_lookup(struct arena *a)
{
    struct str s;

    is_str(message_text(LANG_JA, MSG("Sign a document")), "文書に署名する", "lines are joined");
    is_str(message_text(LANG_EN, MSG("Sign a document")), "Sign a document",
           "English is the source text");
    is_str(message_text(LANG_JA, MSG("Unknown")), "Unknown", "an unknown text stands for itself");
    is_str(message_text(LANG_JA, MSG("Open")), "開く", "a text without context");
    is_str(message_text(LANG_JA, MSG_CONTEXT("state", "Open")), "受付中", "a text with context");
    is_str(message_text(LANG_EN, MSG_CONTEXT("state", "Open")), "Open", "a context is not shown");
    is_str(message_text(LANG_JA, MSG("Guess")), "Guess", "a fuzzy translation is not used");
    is_str(message_text(LANG_JA, (struct msg){ NULL }), "", "no message is empty");
    s = message_fmt(a, LANG_JA, MSG("Say \"{word}\" {n} times"),
                    MESSAGE_ARGS({ "n", STR("3") }, { "word", STR("{n}") }));
    is_str(s, "「{n}」を3回", "values are put in by name, and are not read again");
    s = message_fmt(a, LANG_EN, MSG("a {x} b {n}"), MESSAGE_ARGS({ "n", STR("1") }));
    is_str(s, "a {x} b 1", "an unknown value stays visible");
}

static void test_refusals(void)
{
    refused("msgid \"a\"\n", "msgid without msgstr");
    refused("msgstr \"a\"\n", "msgstr without msgid");
    refused("msgid \"a\nmsgstr \"b\"\n", "an open quote");
    refused("msgid \"a\"\nmsgstr \"b\\q\"\n", "an unknown escape");
    refused("msgid \"a\"\nmsgstr \"\xff\"\n", "invalid UTF-8");
    refused("msgid \"a {n}\"\nmsgstr \"b\"\n", "a value lost in translation");
    refused("msgid \"a\"\nmsgstr \"b {n}\"\n", "a value invented in translation");
    refused("msgid \"a {{n}}\"\nmsgstr \"b {{m}}\"\n", "a value renamed in translation");
    refused("msgid \"Open\"\nmsgstr \"開ける\"\n", "the same text translated in two ways");
    refused("#~ msgid \"a\"\n", "an obsolete entry");
    refused("hello\n", "what is no .po line");
    is_str(message_text(LANG_JA, MSG("Open")), "開く", "a failed load keeps the old catalogue");
}

int main(void)
{
    struct arena *a = arena_new(1 << 20);
    enum lang lang;
    char sub[128];

    if (mkdtemp(dir) == NULL)
        return 1;
    snprintf(sub, sizeof(sub), "%s/ja", dir);
    mkdir(sub, 0700);
    write_po("good.po", good);
    is_err(message_load(dir), E_OK, "a catalogue is loaded");
    test_lookup(a);
    test_refusals();
    ok(message_lang_from_code(STR("en"), &lang) && lang == LANG_EN, "en is English");
    ok(!message_lang_from_code(STR("de"), &lang), "de is no language of ours");
    remove_po("good.po");
    rmdir(sub);
    is_err(message_load(dir), E_INPUT, "a missing folder stops the start");
    rmdir(dir);
    message_unload();
    is_str(message_text(LANG_JA, MSG("Open")), "Open", "without a catalogue English stands in");
    arena_free(a);
    return tap_done();
}
