#!/usr/bin/env bash
# The gateway program itself: asks are answered by its rules, a killed worker is replaced, SIGTERM ends it.
set -u
top=${SHOMEI_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${SHOMEI_BUILDDIR:-$top/build}
exec python3 "$top/tests/features/gateway_client.py" "$build/gateway"
