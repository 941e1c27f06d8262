/*
 * banned.h - makes calls that have hurt others a compile error. Every .c file gets it through
 * base/err.h, so nothing has to remember it.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SHOMEI_BANNED(f) sorry_##f##_is_banned_in_shomei

#undef strcpy
#define strcpy(d, s) SHOMEI_BANNED(strcpy)
#undef strcat
#define strcat(d, s) SHOMEI_BANNED(strcat)
#undef strncpy
#define strncpy(d, s, n) SHOMEI_BANNED(strncpy)
#undef strncat
#define strncat(d, s, n) SHOMEI_BANNED(strncat)
#undef strtok
#define strtok(s, d) SHOMEI_BANNED(strtok)
#undef sprintf
#define sprintf(...) SHOMEI_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) SHOMEI_BANNED(vsprintf)
#undef gmtime
#define gmtime(t) SHOMEI_BANNED(gmtime)
#undef localtime
#define localtime(t) SHOMEI_BANNED(localtime)
#undef ctime
#define ctime(t) SHOMEI_BANNED(ctime)
#undef asctime
#define asctime(t) SHOMEI_BANNED(asctime)
#undef atoi
#define atoi(s) SHOMEI_BANNED(atoi)
#undef atol
#define atol(s) SHOMEI_BANNED(atol)
#undef alloca
#define alloca(n) SHOMEI_BANNED(alloca)
#undef rand
#define rand(...) SHOMEI_BANNED(rand)
#undef tmpfile
#define tmpfile(...) SHOMEI_BANNED(tmpfile)
#undef mktemp
#define mktemp(t) SHOMEI_BANNED(mktemp)
