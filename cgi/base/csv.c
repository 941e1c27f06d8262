/* csv.c - see csv.h. */
#include "base/csv.h"

bool csv_formula(struct str s)
{
    static const char *const wide[] = { "\uff1d", "\uff0b", "\uff0d", "\uff20" };

    if (s.n == 0)
        return false;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (str_starts(s, str_z(wide[i])))
            return true;
    return strchr("=+-@\t\r\n", s.p[0]) != NULL;
}

void csv_cell_with(struct buf *b, struct str s, char separator, bool last)
{
    buf_add_char(b, '"');
    if (csv_formula(s))
        buf_add_char(b, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_add_char(b, '"');
        buf_add_char(b, s.p[i]);
    }
    buf_add_char(b, '"');
    if (last)
        buf_add_z(b, "\r\n");
    else
        buf_add_char(b, separator);
}

void csv_cell(struct buf *b, struct str s, bool last)
{
    csv_cell_with(b, s, ',', last);
}
