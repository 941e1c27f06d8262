/* pdf_image_inside.h - what the halves of pdf_image share. Not for anybody else. */
#pragma once

#include "sign/pdf_image.h"

/* E_LIMIT seal-image-pixels, E_INPUT seal-image-damaged (no pixel). */
enum err pdf_image_size(unsigned width, unsigned height) MUST_CHECK;
/* The same, and memory for the pixels. */
enum err pdf_image_room(struct pdf_image *m, unsigned width, unsigned height) MUST_CHECK;
enum err pdf_image_read_jpeg(struct bytes file, struct pdf_image *out) MUST_CHECK;
