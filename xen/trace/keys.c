/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/console.h>
#include <hv/console_io.h>
#include <hv/keys.h>
#include <hv/log.h>

/* Keys of one keys_poll(): a line that is noise cannot hold the caller. */
#define KEYS_PER_POLL 16

static const struct debug_key *keys_pending; /* waits for its y */

static const struct debug_key *keys_find(int key)
{
	size_t low = 0, high = debug_key_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (debug_keys[middle].key == key)
			return &debug_keys[middle];
		if (debug_keys[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void keys_run(const struct debug_key *key)
{
	log_info("keys: '%c': %s", key->key, key->what);
	key->show();
}

/* True when the key was an answer. */
static bool keys_answer(int key)
{
	const struct debug_key *asked = keys_pending;

	if (asked == NULL)
		return false;
	keys_pending = NULL;
	if (key == 'y')
		keys_run(asked);
	else
		log_info("keys: '%c' not confirmed", asked->key);
	return true;
}

void keys_input(int key)
{
	const struct debug_key *found;

	if (keys_answer(key))
		return;
	found = keys_find(key);
	if (found == NULL)
		return;
	if (!found->confirm) {
		keys_run(found);
		return;
	}
	keys_pending = found;
	log_info("keys: '%c': %s: press y to confirm", found->key, found->what);
}

bool keys_poll(void)
{
	for (unsigned int i = 0; i < KEYS_PER_POLL; i++) {
		int key = console_getc();

		if (key < 0)
			return false;
		if (!console_io_receive((char)key))
			keys_input(key);
	}
	return true;
}

void keys_help(void)
{
	for (size_t i = 0; i < debug_key_count; i++)
		log_info("keys: %c  %s", debug_keys[i].key, debug_keys[i].what);
}
