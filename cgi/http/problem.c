/* problem.c - see problem.h */
#include "http/problem.h"

#include "base/json.h"
#include "base/log.h"
#include "http/exchange.h"

static const struct view_field problem_fields[] = {
    VIEW_INT(struct problem_page, status),
    VIEW_TEXT(struct problem_page, reference),
    VIEW_MSG(struct problem_page, what),
    VIEW_MSG(struct problem_page, todo),
    VIEW_END,
};
const struct view problem_view = { "error/error.html", "This could not be done", problem_fields,
                                   VIEW_BLANK };

/* What each class means for a person, when no reason says it better. */
static const struct {
    struct msg what, todo;
} classes[] = {
    [E_OK] = { MSG_INIT("Nothing went wrong."), MSG_INIT("Go back to the home page.") },
    [E_INPUT] = { MSG_INIT("What was sent could not be understood."),
                  MSG_INIT("Go back, check what you entered, and send it again.") },
    [E_AUTH] = { MSG_INIT("You are not signed in, or what you gave to sign in is wrong."),
                 MSG_INIT("Sign in and try again.") },
    [E_DENIED] = { MSG_INIT("You may not open this page or do this."),
                   MSG_INIT("Ask your administrator if you think that you should be able to.") },
    [E_ABSENT] = { MSG_INIT("There is no such page, or it has been removed."),
                   MSG_INIT("Check the address, or begin from the home page.") },
    [E_CONFLICT] = { MSG_INIT("Somebody else changed this at the same time. Nothing was saved."),
                     MSG_INIT("Open the page again and see how it is now.") },
    [E_STATE] = { MSG_INIT("This cannot be done in the present state. Nothing was changed."),
                  MSG_INIT("Open the page again and see how it is now.") },
    [E_LIMIT] = { MSG_INIT("What was sent is too large."),
                  MSG_INIT("Send a smaller file, or fewer at once.") },
    [E_UNSUPPORTED] = { MSG_INIT("This kind of data cannot be handled here."),
                        MSG_INIT("Send it in one of the kinds that the page names.") },
    [E_BUSY] = { MSG_INIT("Too much is going on at the moment. Nothing was saved."),
                 MSG_INIT("Please try again in a moment.") },
    [E_BACKEND] = { MSG_INIT("A part of this service cannot be reached. Nothing was saved."),
                    MSG_INIT("Please try again in a few minutes.") },
    [E_INTERNAL] = { MSG_INIT("Something went wrong on our side. Nothing was saved."),
                     MSG_INIT(
                         "Please try again. If it happens again, tell us the reference number.") },
};
_Static_assert(sizeof(classes) / sizeof(*classes) == ERR__MAX, "one text per class");

static const struct problem_reason own_reasons[] = {
    { "csrf", MSG_INIT("This page was open for too long, or was not opened from this site."),
      MSG_INIT("Go back, load the page again, and send it once more.") },
    { "rate-limited", MSG_INIT("This was done too often in a short time."),
      MSG_INIT("Please wait a little and try again.") },
    { "second-factor-required", MSG_INIT("This needs a sign-in with a second factor."),
      MSG_INIT("Sign in with your one-time code and try again.") },
    { "role-required", MSG_INIT("Your role does not include this page."),
      MSG_INIT("Ask your administrator if you think that you should be able to.") },
    { "login-required", MSG_INIT("This page needs a sign-in."),
      MSG_INIT("Sign in and try again.") },
    { "client-certificate-unknown",
      MSG_INIT("The client certificate is not registered, or is revoked."),
      MSG_INIT("Ask the administrator of your organisation to register the certificate.") },
    { "method", MSG_INIT("This address does not take that kind of request."),
      MSG_INIT("Check the address, or begin from the home page.") },
    { "parameter-unknown", MSG_INIT("A value was sent that this page does not know."),
      MSG_INIT("Go back, check what you entered, and send it again.") },
    { "form-invalid", MSG_INIT("Some of the values are missing or wrong."),
      MSG_INIT("Go back, check what you entered, and send it again.") },
    { NULL, { NULL }, { NULL } },
};

static const struct problem_reason *find_in(const struct problem_reason *table, const char *code)
{
    for (; table && table->code; table++)
        if (strcmp(table->code, code) == 0)
            return table;
    return NULL;
}

static const struct problem_reason *find_reason(const struct app *app, const char *code)
{
    const struct problem_reason *found = NULL;
    for (size_t i = 0; app->reasons && app->reasons[i] && !found; i++)
        found = find_in(app->reasons[i], code);
    return found ? found : find_in(own_reasons, code);
}

/* What happened and what to do, by reason where there are words for it, else by class. */
static void choose_words(const struct app *app, enum err e, const char *code,
                         struct problem_page *page)
{
    const struct problem_reason *reason = find_reason(app, code);
    page->what = classes[e].what;
    page->todo = classes[e].todo;
    if (reason == NULL) {
        if (code[0] && app->reason_text && app->reason_text(code, &page->what))
            page->todo = (struct msg){ NULL }; /* the text says it */
        return;
    }
    page->what = reason->what;
    if (reason->todo.id)
        page->todo = reason->todo;
}

bool problem_reason_words(const struct req *rq, const char *code, struct msg *what)
{
    const struct problem_reason *reason = find_reason(rq->app, code);

    if (reason != NULL)
        *what = reason->what;
    return reason != NULL || (rq->app->reason_text != NULL && rq->app->reason_text(code, what));
}

int problem_status(enum err e, const char *reason)
{
    if (e == E_LIMIT && (strncmp(reason, "rate", 4) == 0 || strncmp(reason, "too-often", 9) == 0 ||
                         strncmp(reason, "quota", 5) == 0))
        return 429; /* RFC 6585 4 */
    if (e == E_ABSENT && strcmp(reason, "method") == 0)
        return 405;
    return err_http_status(e);
}

static void add_errors(struct json *root, const struct req *rq)
{
    struct json *list = json_new_array();
    for (size_t i = 0; i < rq->errors_n; i++) {
        struct json *one = json_new_object();
        json_set_str(one, "field", rq->errors[i].field);
        json_set_str(one, "detail", rq->errors[i].text);
        json_append(list, one);
    }
    json_set(root, "errors", list);
}

/* RFC 9457: type is stable and names the reason, or the class where there is none. */
static void answer_json(struct req *rq, enum err e, int status, const char *code,
                        const struct problem_page *page)
{
    struct json *root = json_new_object();
    struct str title = message_text(rq->lang, page->what);
    json_set_str(root, "type", str_fmt(rq->arena, "urn:shomei:problem:%s", code));
    json_set_str(root, "title", title);
    json_set_i64(root, "status", status);
    if (page->todo.id)
        json_set_str(root, "detail", message_text(rq->lang, page->todo));
    json_set_str(root, "reason", str_z(code));
    json_set_str(root, "request_id", rq->id);
    if (rq->errors_n && e == E_INPUT)
        add_errors(root, rq);
    if (resp_json(rq->rs, status, root) != E_OK)
        exchange_bytes(rq->rs, "application/problem+json", bytes_of_str(STR("{}")));
    rq->rs->type = "application/problem+json";
}

static void answer_plain(struct req *rq, int status, const struct problem_page *page)
{
    struct str what = message_text(rq->lang, page->what);
    struct str todo = page->todo.id ? message_text(rq->lang, page->todo) : STR("");
    struct str text = str_fmt(rq->arena, "%d\n%.*s\n%.*s\n%.*s\n", status, STR_ARG(what),
                              STR_ARG(todo), STR_ARG(rq->id));
    exchange_bytes(rq->rs, "text/plain; charset=utf-8", bytes_of_str(text));
}

/* Headers that the failed handler set are dropped, except cookies that the gate needs. */
static void drop_headers(struct resp *rs)
{
    struct header **at = &rs->headers;
    while (*at) {
        if (strcmp((*at)->name, "Set-Cookie") == 0 || strcmp((*at)->name, "Allow") == 0)
            at = &(*at)->next;
        else
            *at = (*at)->next;
    }
    rs->headers_end = at;
}

void problem_answer(struct req *rq, enum err e)
{
    struct resp *rs = rq->rs;
    const char *code = fault_current()->err == e ? fault_current()->reason : "";
    int status = problem_status(e, code);
    struct problem_page page = { .status = status, .reference = rq->id };
    choose_words(rq->app, e, code, &page);
    drop_headers(rs);
    rs->status_fixed = false;
    rs->status = 0;
    rs->cacheable = false;
    if (!rs->retry_after && (e == E_BUSY || e == E_BACKEND))
        rs->retry_after = 5;
    char code_kept[64];
    snprintf(code_kept, sizeof(code_kept), "%s", code[0] ? code : err_name(e));
    bool api = rq->route ? (rq->route->flags & ROUTE_API) : rq->app->render == NULL;
    if (api) {
        answer_json(rq, e, status, code_kept, &page);
    } else if (rq->app->render == NULL || resp_page(rs, &problem_view, &page) != E_OK) {
        if (rq->app->render)
            log_fault("error-page");
        answer_plain(rq, status, &page);
    }
    resp_status(rs, status);
}
