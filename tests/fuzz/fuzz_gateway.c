/* fuzz_gateway.c - a frame as somebody on the gateway's socket may send it. */
#include "base/clock.h"
#include "net/gateway_client.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(4 << 20);
    struct gateway_frame f;
    int fd[2];

    if (size > 60000 || socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)
        abort();
    if (write(fd[1], data, size) != (ssize_t)size)
        abort();
    (void)close(fd[1]);
    if (gateway_client_read(fd[0], GATEWAY_REQUEST_MAX, clock_monotonic_us() + SECOND_US, a, &f) ==
        E_OK) {
        if (f.body.n > GATEWAY_REQUEST_MAX || !utf8_valid(f.url.p, f.url.n))
            abort();
        (void)gateway_client_rule(gateway_client_purpose(f.words[0]));
    }
    (void)close(fd[0]);
    arena_free(a);
    return 0;
}
