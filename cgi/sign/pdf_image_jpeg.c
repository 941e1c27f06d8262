/* pdf_image_jpeg.c - see pdf_image.h: JPEG (ITU-T T.81, Exif 2.3 for the camera's turn). */
#include "sign/pdf_image_inside.h"

#include <setjmp.h>
#include <stdio.h> /* before jpeglib.h */
#include <stdlib.h>

#include <jerror.h>
#include <jpeglib.h>

struct jpeg_job {
    struct jpeg_error_mgr manager; /* first: libjpeg gives it back */
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    struct jpeg_decompress_struct in;
    struct jpeg_compress_struct to;
    struct pdf_image *out;
    uint8_t *line;
    unsigned char *made; /* of jpeg_mem_dest */
    unsigned long made_n;
    enum err err;
};

static struct jpeg_job *job_of(j_common_ptr c)
{
    return (struct jpeg_job *)(void *)c->err;
}

static void on_exit_error(j_common_ptr c)
{
    struct jpeg_job *j = job_of(c);
    char text[JMSG_LENGTH_MAX];
    int code = c->err->msg_code;

    (*c->err->format_message)(c, text);
    if (code == JERR_BAD_PRECISION || code == JERR_SOF_UNSUPPORTED || code == JERR_ARITH_NOTIMPL ||
        code == JERR_CONVERSION_NOTIMPL)
        j->err = FAIL(E_INPUT, "seal-image-color", "libjpeg: %s", text);
    else
        j->err = FAIL(E_INPUT, "seal-image-damaged", "libjpeg: %s", text);
    longjmp(j->jump, 1);
}

/* A file that is cut off or broken is only worth a warning to libjpeg. */
static void on_message(j_common_ptr c, int level)
{
    int code = c->err->msg_code;
    if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM &&
        code != JWRN_JFIF_MAJOR)
        on_exit_error(c);
}

static void refuse(struct jpeg_job *j, enum err err)
{
    j->err = err;
    longjmp(j->jump, 1);
}

/* Thousands of empty scans in a small file would take hours. */
static void on_progress(j_common_ptr c)
{
    const struct jpeg_decompress_struct *in = (const void *)c;
    if (c->is_decompressor && in->input_scan_number > PDF_IMAGE_SCANS_MAX)
        refuse(job_of(c), FAIL(E_LIMIT, "seal-image-complex", "%d scans", in->input_scan_number));
}

static unsigned word(const uint8_t *p, bool big)
{
    return big ? (unsigned)(p[0] << 8 | p[1]) : (unsigned)(p[1] << 8 | p[0]);
}

/* Orientation (tag 0x0112) of IFD 0 in an APP1 "Exif" segment; 1 when there is none. */
static unsigned exif_turn(const struct jpeg_marker_struct *m)
{
    for (; m; m = m->next) {
        const uint8_t *p = m->data;
        unsigned n = m->data_length;
        if (m->marker != JPEG_APP0 + 1 || n < 22 || memcmp(p, "Exif\0\0", 6) != 0)
            continue;
        p += 6;
        n -= 6;
        bool big = p[0] == 'M';
        if (word(p + (big ? 4 : 6), big) != 0) /* the upper half of the offset of IFD 0 */
            return 1;
        unsigned at = word(p + (big ? 6 : 4), big);
        if (at + 2 > n)
            return 1;
        unsigned entries = word(p + at, big);
        for (at += 2; entries > 0 && at + 12 <= n; entries--, at += 12)
            if (word(p + at, big) == 0x0112)
                return word(p + at + 8, big);
        return 1;
    }
    return 1;
}

/* Where the pixel (x, y) of the file goes in a picture of w x h. */
static size_t turned(unsigned turn, unsigned x, unsigned y, unsigned w, unsigned h)
{
    static const uint8_t mirror_x[9] = { 0, 0, 1, 1, 0, 0, 1, 1, 0 };
    static const uint8_t mirror_y[9] = { 0, 0, 0, 1, 1, 0, 0, 1, 1 };
    unsigned to_x = turn > 4 ? y : x, to_y = turn > 4 ? x : y;
    if (mirror_x[turn])
        to_x = w - 1 - to_x;
    if (mirror_y[turn])
        to_y = h - 1 - to_y;
    return (size_t)to_y * w + to_x;
}

static void open_file(struct jpeg_job *j, struct bytes file)
{
    j->progress.progress_monitor = on_progress;
    j->in.progress = &j->progress;
    j->in.mem->max_memory_to_use = 128L << 20;
    jpeg_mem_src(&j->in, file.p, file.n);
    jpeg_save_markers(&j->in, JPEG_APP0 + 1, 0xffff);
    (void)jpeg_read_header(&j->in, TRUE);
    enum err e = pdf_image_size(j->in.image_width, j->in.image_height);
    if (e != E_OK)
        refuse(j, e);
    if (j->in.arith_code || j->in.data_precision != 8 ||
        (j->in.num_components != 1 && j->in.num_components != 3))
        refuse(j, FAIL(E_INPUT, "seal-image-color", "%d components of %d bits",
                       j->in.num_components, j->in.data_precision));
}

static void read_lines(struct jpeg_job *j)
{
    unsigned turn = exif_turn(j->in.marker_list);
    enum err e;

    if (turn < 1 || turn > 8)
        turn = 1;
    j->in.out_color_space = JCS_RGB;
    (void)jpeg_start_decompress(&j->in);
    unsigned w = j->in.output_width, h = j->in.output_height;
    e = turn > 4 ? pdf_image_room(j->out, h, w) : pdf_image_room(j->out, w, h);
    if (e != E_OK)
        refuse(j, e);
    j->line = calloc(w, 3);
    if (j->line == NULL)
        refuse(j, FAIL(E_BUSY, "", "no memory"));
    for (unsigned y = 0; y < h; y++) {
        JSAMPROW row = j->line;
        (void)jpeg_read_scanlines(&j->in, &row, 1);
        for (unsigned x = 0; x < w; x++) {
            uint8_t *p = j->out->rgba + 4 * turned(turn, x, y, j->out->width, j->out->height);
            memcpy(p, j->line + 3 * x, 3);
            p[3] = 255;
        }
    }
    (void)jpeg_finish_decompress(&j->in);
    j->out->photo = turn == 1 ? (unsigned)j->in.num_components : 0;
}

static void rewrite(struct jpeg_job *j)
{
    jvirt_barray_ptr *coefficients = jpeg_read_coefficients(&j->in);
    jpeg_mem_dest(&j->to, &j->made, &j->made_n);
    jpeg_copy_critical_parameters(&j->in, &j->to);
    j->to.optimize_coding = TRUE;
    j->to.num_scans = 0;
    j->to.scan_info = NULL;
    jpeg_write_coefficients(&j->to, coefficients);
    jpeg_finish_compress(&j->to);
    (void)jpeg_finish_decompress(&j->in);
}

/* Nothing of this function's own changes behind setjmp: all is in the job. */
static void guarded(struct jpeg_job *j, struct bytes file, void (*work)(struct jpeg_job *))
{
    if (setjmp(j->jump))
        return;
    jpeg_create_decompress(&j->in);
    jpeg_create_compress(&j->to);
    open_file(j, file);
    work(j);
}

static void run(struct jpeg_job *j, struct bytes file, void (*work)(struct jpeg_job *))
{
    j->in.err = jpeg_std_error(&j->manager);
    j->to.err = &j->manager;
    j->manager.error_exit = on_exit_error;
    j->manager.emit_message = on_message;
    guarded(j, file, work);
    jpeg_destroy_decompress(&j->in);
    jpeg_destroy_compress(&j->to);
    free(j->line);
}

enum err pdf_image_read_jpeg(struct bytes file, struct pdf_image *out)
{
    struct jpeg_job j = { .out = out, .err = E_OK };
    run(&j, file, read_lines);
    return j.err;
}

enum err pdf_image_jpeg(struct bytes file, struct buf *out)
{
    struct jpeg_job j = { .err = E_OK };
    run(&j, file, rewrite);
    if (j.err == E_OK)
        buf_add(out, j.made, j.made_n);
    free(j.made);
    return j.err != E_OK || buf_ok(out) ? j.err : FAIL(E_LIMIT, "seal-image-bytes", "as JPEG");
}
