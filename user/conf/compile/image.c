// SPDX-License-Identifier: GPL-2.0-only
/* Images are freed whole. */
#include "conf/compile/image.h"

#include <stdlib.h>

void conf_image_done(struct conf_image *image)
{
	free(image->rules);
	free(image->source.v);
	free(image->destination.v);
	*image = (struct conf_image){0};
}
