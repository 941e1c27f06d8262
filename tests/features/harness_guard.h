/*
 * harness_guard.h - a process beside the test that ends its servers and removes its folder when the
 * test crashed or was killed, and so could not do it.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Start it for the process `test`; a descriptor for harness_guard_tell(), -1 on failure. */
int harness_guard_start(pid_t test, const char *dir);
/* What runs now (0: nothing); `over`: all is cleared away, the guard is done. */
void harness_guard_tell(int guard, pid_t server, pid_t node, bool over);
/* Remove a folder with all that is in it. */
void harness_guard_remove(const char *dir);
