/*
 * baseline.c - what Shomei is measured against behind the same nginx: a FastCGI program that
 * answers a constant (`constant BYTES`), or a page after one indexed SELECT (`select BYTES DBSOCKET
 * USER PASSWORDFILE`). Prefork, as many processes as asked for.
 *
 * usage: baseline SOCKET PROCESSES constant|select BYTES [DBSOCKET USER PASSWORDFILE]
 */
#include <fcgiapp.h>
#include <mysql.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct probe {
    MYSQL *db;
    MYSQL_STMT *stmt;
    unsigned long long id, found;
    MYSQL_BIND in, out;
};

static void connect_db(struct probe *p, const char *socket, const char *user, const char *secret)
{
    static const char sql[] = "SELECT id FROM account WHERE id = ?";
    char password[128] = "";
    FILE *f = fopen(secret, "r");

    if (!f || !fgets(password, sizeof password, f))
        exit(2);
    (void)fclose(f);
    password[strcspn(password, "\n")] = '\0';
    p->db = mysql_init(NULL);
    if (!mysql_real_connect(p->db, NULL, user, password, "shomei", 0, socket, 0)) {
        (void)fprintf(stderr, "baseline: %s\n", mysql_error(p->db));
        exit(2);
    }
    p->stmt = mysql_stmt_init(p->db);
    p->id = 1;
    p->in = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &p->id };
    p->out = (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &p->found };
    if (mysql_stmt_prepare(p->stmt, sql, sizeof sql - 1) != 0 ||
        mysql_stmt_bind_param(p->stmt, &p->in) || mysql_stmt_bind_result(p->stmt, &p->out)) {
        (void)fprintf(stderr, "baseline: %s\n", mysql_stmt_error(p->stmt));
        exit(2);
    }
}

static void ask(struct probe *p)
{
    if (mysql_stmt_execute(p->stmt) != 0)
        exit(2);
    while (mysql_stmt_fetch(p->stmt) == 0)
        ;
    (void)mysql_stmt_free_result(p->stmt);
}

static void serve(int fd, int argc, char **argv)
{
    FCGX_Request rq;
    struct probe probe = { 0 };
    int bytes = (int)strtol(argv[4], NULL, 10);
    char *body = malloc((size_t)bytes);

    if (!body)
        exit(2);
    memset(body, 'x', (size_t)bytes);
    if (argc > 7)
        connect_db(&probe, argv[5], argv[6], argv[7]);
    (void)FCGX_InitRequest(&rq, fd, 0);
    while (FCGX_Accept_r(&rq) == 0) {
        char drain[4096];
        while (FCGX_GetStr(drain, sizeof drain, rq.in) > 0)
            ;
        if (probe.db)
            ask(&probe);
        (void)FCGX_FPrintF(
            rq.out, "Content-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n", bytes);
        (void)FCGX_PutStr(body, bytes, rq.out);
        FCGX_Finish_r(&rq);
    }
    exit(0);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        (void)fputs("usage: see baseline.c\n", stderr);
        return 2;
    }
    (void)FCGX_Init();
    int fd = FCGX_OpenSocket(argv[1], 128);
    for (int i = 0; i < (int)strtol(argv[2], NULL, 10); i++)
        if (fork() == 0)
            serve(fd, argc, argv);
    while (wait(NULL) > 0)
        ;
    return 0;
}
