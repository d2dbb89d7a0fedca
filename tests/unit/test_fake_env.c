/* SPDX-License-Identifier: GPL-2.0-only */
/* The recording environment itself: what other tests conclude from it must be true. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "env.h"

static int setup(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

/* True when the code ends the program by abort or by a memory fault. */
static bool dies(void (*code)(void))
{
	pid_t child = fork();
	int status;

	if (!child) {
		(void)!freopen("/dev/null", "w", stderr);
		signal(SIGSEGV, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		code();
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status);
}

static void test_config_masks(void **state)
{
	struct fake_fn *fn = fake_cfg_add(SBDF(0, 1, 2, 3), 256);

	(void)state;
	fake_cfg_set16(fn, 0x04, 0x0002);
	fake_cfg_wmask16(fn, 0x04, 0x0007);
	fake_cfg_set16(fn, 0x06, 0xf010);
	fn->w1c[0x07] = 0xf0;
	env_cfg_write(fn->sbdf, 0x04, 4, 0x5000ffff);
	assert_int_equal(env_cfg_read(fn->sbdf, 0x04, 2), 0x0007);
	assert_int_equal(env_cfg_read(fn->sbdf, 0x06, 2), 0xa010);
	assert_int_equal(env_cfg_read(fn->sbdf, 0x07, 1), 0xa0);
	assert_int_equal(fake_event_count(), 1);
	assert_int_equal(fake_event(0)->value, 0x5000ffff);
	assert_null(fake_event(1));
}

static void test_config_absent(void **state)
{
	struct fake_fn *fn = fake_cfg_add(SBDF(0, 0, 0, 0), 256);

	(void)state;
	assert_int_equal(env_cfg_read(fn->sbdf, 0x100, 4), 0xffffffff);
	assert_int_equal(env_cfg_read(SBDF(1, 0, 0, 0), 0, 2), 0xffff);
	env_cfg_write(SBDF(1, 0, 0, 0), 0, 1, 0x12);
	assert_int_equal(fake_event_count(), 1);
	fn->dead = true;
	assert_int_equal(env_cfg_read(fn->sbdf, 0, 1), 0xff);
}

static void test_config_bar_sizes(void **state)
{
	struct fake_fn *fn = fake_cfg_add(SBDF(0, 0, 1, 0), 256);

	(void)state;
	fake_cfg_bar(fn, 0x10, 0xfe000000, 0x4000, 0);
	fake_cfg_bar(fn, 0x18, 0x4000000000, 0x200000000, 0xc);
	for (unsigned int reg = 0x10; reg < 0x20; reg += 4)
		env_cfg_write(fn->sbdf, reg, 4, 0xffffffff);
	assert_int_equal(env_cfg_read(fn->sbdf, 0x10, 4), 0xffffc000);
	assert_int_equal(env_cfg_read(fn->sbdf, 0x18, 4), 0x0000000c);
	assert_int_equal(env_cfg_read(fn->sbdf, 0x1c, 4), 0xfffffffe);
}

static void test_frames(void **state)
{
	mfn_t one = env_frames_alloc(0), four = env_frames_alloc(2);
	uint8_t *p;

	(void)state;
	assert_int_equal(four.v % 4, 0);
	p = env_frame_map(mfn_add(four, 1));
	p[5] = 0x42;
	assert_int_equal(*(uint8_t *)fake_phys(mfn_to_paddr(four) + PAGE_SIZE + 5), 0x42);
	assert_int_equal(fake_live_frames(), 5);
	env_frames_free(four, 2);
	assert_null(fake_phys(mfn_to_paddr(four)));
	env_frames_free(one, 0);
	assert_int_equal(fake_live_frames(), 0);
	assert_int_equal(fake_event(3)->kind, FAKE_FRAMES_FREE);
}

static uint64_t count_read(void *ctx, uint32_t offset, uint32_t size)
{
	*(unsigned int *)ctx += 1;
	return offset + size;
}

static void test_registers(void **state)
{
	static const struct fake_mmio_ops ops = {.read = count_read};
	unsigned int reads = 0;
	uint8_t *store = fake_mmio_add(0xfed90000, 4096, &ops, &reads);
	volatile uint8_t *regs = env_mmio_map(0xfed90000, 4096);

	(void)state;
	assert_non_null(regs);
	assert_null(env_mmio_map(0xfed90000, 4097));
	assert_null(env_mmio_map(0xfed8ffff, 16));
	env_write64(regs + 0x20, 0x1122334455667788);
	assert_int_equal(store[0x20], 0x88);
	assert_int_equal(env_read32(regs + 0x30), 0x34);
	assert_int_equal(reads, 1);
	assert_int_equal(fake_event_find(0, FAKE_MMIO_WRITE, 0xfed90020), 0);
	env_mmio_unmap(regs, 4096);
	assert_int_equal(fake_live_maps(), 0);
}

static void test_every_fault_in_turn(void **state)
{
	unsigned int rounds = 0;

	(void)state;
	for (unsigned int n = 1; fake_fail_next(FAKE_FAULT_ANY, n); n++) {
		void *p = env_alloc(16);
		mfn_t f = env_frames_alloc(0);

		rounds++;
		assert_int_equal(!p, n == 1);
		assert_int_equal(!mfn_valid(f), n == 2);
		env_free(p);
		if (mfn_valid(f))
			env_frames_free(f, 0);
	}
	assert_int_equal(rounds, 3);
	assert_int_equal(fake_live_allocs(), 0);
}

static void relax_once(void *ctx)
{
	*(int *)ctx += 1;
}

static void test_time_and_log(void **state)
{
	int ticks = 0;

	(void)state;
	fake_on_relax(relax_once, &ticks);
	fake_relax_step(250);
	env_relax();
	env_relax();
	assert_int_equal(env_now_ns(), 500);
	assert_int_equal(ticks, 2);
	env_log(ENV_LOG_WARN, "unit%d: %s", 7, "stuck");
	assert_string_equal(fake_log_last(), "unit7: stuck");
	assert_int_equal(fake_log_count(ENV_LOG_WARN), 1);
	assert_true(fake_log_has("7: st"));
	assert_false(fake_log_has("8: st"));
}

static void die_misaligned(void)
{
	(void)env_cfg_read(SBDF(0, 0, 0, 0), 2, 4);
}

static void die_plain_register(void)
{
	volatile uint32_t *regs;

	fake_mmio_add(0x1000, 4096, NULL, NULL);
	regs = env_mmio_map(0x1000, 4096);
	*regs = 1;
}

static void die_lock_order(void)
{
	struct env_lock a, b;

	env_lock_init(&a, 5);
	env_lock_init(&b, 4);
	env_lock(&a);
	env_lock(&b);
}

static void die_wait_with_lock(void)
{
	struct env_lock a;

	env_lock_init(&a, 5);
	env_lock(&a);
	env_relax();
}

static void die_double_free(void)
{
	mfn_t f = env_frames_alloc(0);

	env_frames_free(f, 0);
	env_frames_free(f, 0);
}

static void test_contract_breaks_are_caught(void **state)
{
	(void)state;
	assert_true(dies(die_misaligned));
	assert_true(dies(die_lock_order));
	assert_true(dies(die_wait_with_lock));
	assert_true(dies(die_double_free));
	assert_true(dies(die_plain_register));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_config_masks, setup),
		cmocka_unit_test_setup(test_config_absent, setup),
		cmocka_unit_test_setup(test_config_bar_sizes, setup),
		cmocka_unit_test_setup(test_frames, setup),
		cmocka_unit_test_setup(test_registers, setup),
		cmocka_unit_test_setup(test_every_fault_in_turn, setup),
		cmocka_unit_test_setup(test_time_and_log, setup),
		cmocka_unit_test_setup(test_contract_breaks_are_caught, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
