/*
 * replay.c - runs a fuzz target over its stored inputs, so that every `make check` repeats what
 * fuzzing once found. The corpus is tests/fuzz/corpus/<target>, or what the arguments name.
 */
#include "tap.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_file(const char *path)
{
    FILE *f = fopen(path, "rbe");
    struct stat st;
    bool good = f && fstat(fileno(f), &st) == 0;
    size_t size = good ? (size_t)st.st_size : 0;
    uint8_t *data = malloc(size + 1); /* exact size under sanitizers: an overrun is seen */
    good = good && data && fread(data, 1, size, f) == size;
    if (f)
        fclose(f);
    if (good) {
        uint8_t *exact = size ? realloc(data, size) : data;
        data = exact ? exact : data;
        (void)LLVMFuzzerTestOneInput(data, size);
    }
    const char *name = strrchr(path, '/');
    ok(good, "%s", name ? name + 1 : path);
    free(data);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void replay_directory(const char *dir)
{
    char *paths[5000];
    size_t n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *item; d && (item = readdir(d)) != NULL;)
        if (item->d_name[0] != '.' && n < sizeof(paths) / sizeof(*paths) &&
            asprintf(&paths[n], "%s/%s", dir, item->d_name) > 0)
            n++;
    if (d)
        closedir(d);
    qsort(paths, n, sizeof(*paths), compare);
    for (size_t i = 0; i < n; i++) {
        replay_file(paths[i]);
        free(paths[i]);
    }
    ok(n > 0, "the corpus %s is not empty", dir);
}

int main(int argc, char **argv)
{
    const char *source = getenv("SHOMEI_SRCDIR");
    const char *name = strrchr(argv[0], '/');
    name = name ? name + 1 : argv[0];
    if (strncmp(name, "fuzz_", 5) == 0)
        name += 5;
    for (int i = 1; i < argc; i++)
        replay_file(argv[i]);
    if (argc == 1) {
        char *dir = NULL;
        if (asprintf(&dir, "%s/tests/fuzz/corpus/%s", source ? source : ".", name) < 0)
            return 1;
        replay_directory(dir);
        free(dir);
    }
    return tap_done();
}
