/* fuzz_params.c - urlencoded text to a typed struct, with every kind of parameter. */
#include "http/bind.h"
#include "http/form.h"
#include "http/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum colour { RED, GREEN };
static const struct choice colours[] = { { "red", RED }, { "green", GREEN }, { NULL, 0 } };

struct all {
    struct str text, lines, token, mail, next;
    struct str *names;
    size_t names_n;
    int64_t number;
    struct account_id id;
    bool flag;
    enum colour colour;
    struct timestamp day;
    struct secret *pin;
};
static const struct param all_params[] = {
    PARAM_TEXT(struct all, text, 1, 20),
    PARAM_MULTILINE_OPT(struct all, lines, 200),
    PARAM_TOKEN_OPT(struct all, token, 40),
    PARAM_EMAIL_OPT(struct all, mail),
    PARAM_PATH_OPT(struct all, next),
    PARAM_TEXTS(struct all, names, names_n, 1, 10, 5),
    PARAM_INT(struct all, number, -10, 1000),
    PARAM_ID_OPT(struct all, id),
    PARAM_FLAG(struct all, flag),
    PARAM_CHOICE(struct all, colour, colours),
    PARAM_DATE_OPT(struct all, day),
    PARAM_SECRET_OPT(struct all, pin, 4, 64),
    PARAM_END,
};

static void require(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(64u << 20);
    struct raws raws = { 0 };
    struct bind_result result = { 0 };
    struct all v = { 0 };
    char *text = malloc(size + 1);
    if (size)
        memcpy(text, data, size);
    if (form_parse(a, text, size, &raws) == E_OK &&
        bind_form(a, all_params, &raws, size & 1, &v, &result) == E_OK && result.errors_n == 0) {
        require(v.number >= -10 && v.number <= 1000);
        require(v.colour == RED || v.colour == GREEN);
        require(utf8_length(v.text) <= 20 && text_clean(v.text, false));
        require(v.names_n <= 5);
        require(str_empty(v.next) || v.next.p[0] == '/');
        require(v.pin == NULL || secret_size(v.pin) >= 4);
    }
    for (size_t i = 0; i < result.secrets_n; i++)
        secret_free(result.secrets[i]);
    free(text);
    arena_free(a);
    return 0;
}
