/* SPDX-License-Identifier: GPL-2.0-only */
/* The interpreter of device-specific resets, and the programs that the quirk database has. */
#include "unit.h"

#include <pt/pci.h>
#include <pt/pci_regs.h>
#include <pt/reset_program.h>
#include <quirks.h>

#include "pci.h"

#define BAR_BASE  0xe0000000UL
#define BAR_BYTES 0x100000U
#define MS	  1000000UL
#define PCIE	  0x70
#define MSIX	  0x90
#define DEVCTL	  (PCIE + 8)
#define DEVSTA	  (PCIE + 10)

/* One function with a BAR; a written 1 in "initiate FLR" makes it disappear for a while. */
static struct fake_fn *fn;
static struct pci_dev *dev;
static uint8_t *regs;
static struct {
	uint64_t silent_ns; /* how long it does not answer after the reset */
	uint64_t back_at;
	unsigned int resets;
	uint16_t command, msix; /* as they were when it was reset */
	bool clears_busy;	/* HiNIC's firmware */
} model;

static uint32_t soft;

static uint32_t bar_get(uint32_t offset)
{
	uint32_t v;

	memcpy(&v, regs + offset, 4);
	return v;
}

static void bar_set(uint32_t offset, uint32_t v)
{
	memcpy(regs + offset, &v, 4);
}

static uint16_t cfg_get16(unsigned int reg)
{
	return (uint16_t)(fn->reg[reg] | fn->reg[reg + 1] << 8);
}

static bool model_write(void *ctx, struct fake_fn *f, unsigned int reg, unsigned int size, uint32_t value)
{
	(void)ctx;
	(void)size;
	if (reg != DEVCTL || !(value & 0x8000))
		return false;
	model.resets++;
	model.command = cfg_get16(PCI_COMMAND);
	model.msix = cfg_get16(MSIX + 2);
	model.back_at = env_now_ns() + model.silent_ns;
	f->dead = model.silent_ns != 0;
	return true;
}

static void model_tick(void *ctx)
{
	(void)ctx;
	if (fn->dead && env_now_ns() >= model.back_at)
		fn->dead = false;
	if (model.resets && model.clears_busy && env_now_ns() > 3000 * MS)
		bar_set(0xe80, bar_get(0xe80) & ~__builtin_bswap32(0x40000));
}

static const struct fake_cfg_ops model_ops = {.write = model_write};

static int setup(void **state)
{
	(void)state;
	fake_reset();
	memset(&model, 0, sizeof(model));
	fake_relax_step(MS);
	fake_on_relax(model_tick, NULL);
	fn = fake_pci_endpoint(SBDF(0, 3, 0, 0), 0x8086, 0x10ed);
	fake_pci_express(fn, PCIE, PCI_PCIE_ENDPOINT);
	fake_pci_cap(fn, MSIX, PCI_CAP_MSIX);
	fake_cfg_bar(fn, PCI_BAR0, BAR_BASE, BAR_BYTES, PCI_BAR_MEM_64);
	fake_cfg_wmask16(fn, PCI_COMMAND, 0x407);
	fake_cfg_wmask16(fn, MSIX + 2, 0xc000);
	regs = fake_mmio_add(BAR_BASE, BAR_BYTES, NULL, NULL);
	assert_int_equal(pci_probe(fn->sbdf, PCI_SCAN_SIZE_BARS, &dev), 0);
	fn->ops = &model_ops;
	fake_events_clear();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pci_dev_free(dev);
	return fake_live_allocs() || fake_live_maps() ? -1 : 0;
}

static int run(const struct reset_step *step, uint32_t steps)
{
	struct reset_program program = {.name = "test", .step = step, .steps = steps, .bar_bytes = 0x1000};

	return reset_program_run(&program, dev, &soft);
}

#define RUN(...)                                \
	run((struct reset_step[]){__VA_ARGS__}, \
		sizeof((struct reset_step[]){__VA_ARGS__}) / sizeof(struct reset_step))
#define BAR_STEP(...)                                      \
	{                                                  \
		.space = RESET_BAR, .size = 4, __VA_ARGS__ \
	}

/* --- Steps. --- */

static void test_write_and_update(void **state)
{
	(void)state;
	bar_set(0x10, 0x11223344);
	assert_int_equal(RUN(BAR_STEP(.op = RESET_UPDATE, .offset = 0x10, .mask = 0xff00, .value = 0x5),
				 BAR_STEP(.op = RESET_WRITE, .offset = 0x14, .value = 0xabcd),
				 {.op = RESET_WRITE,
					 .space = RESET_BAR_BE,
					 .size = 4,
					 .offset = 0x18,
					 .value = 0x01020304}),
		0);
	assert_int_equal(bar_get(0x10), 0x11220045);
	assert_int_equal(bar_get(0x14), 0xabcd);
	assert_int_equal(bar_get(0x18), 0x04030201);
	assert_int_equal(soft, 0);
}

static void test_update_keeps_other_bits_of_a_word(void **state)
{
	(void)state;
	fake_cfg_set16(fn, PCI_COMMAND, 0x0401);
	assert_int_equal(
		RUN({.op = RESET_UPDATE, .space = RESET_CFG, .size = 2, .offset = PCI_COMMAND, .value = 6}),
		0);
	assert_int_equal(cfg_get16(PCI_COMMAND), 0x0407);
	assert_int_equal(fake_event_count(), 1);
	assert_int_equal(fake_event(0)->size, 2);
}

static void test_delay_takes_its_time(void **state)
{
	(void)state;
	assert_int_equal(RUN({.op = RESET_DELAY, .arg = 250}), 0);
	assert_in_range(env_now_ns(), 250 * MS, 251 * MS);
}

static void test_poll(void **state)
{
	(void)state;
	bar_set(4, 0x80);
	assert_int_equal(
		RUN(BAR_STEP(.op = RESET_POLL, .arg = 50, .offset = 4, .mask = 0xf0, .value = 0x80)), 0);
	assert_int_equal(env_now_ns(), 0);
	assert_int_equal(RUN(BAR_STEP(.op = RESET_POLL, .arg = 50, .offset = 4, .mask = 0xf0)), -ETIMEDOUT);
	assert_in_range(env_now_ns(), 50 * MS, 51 * MS);
}

static void test_soft_poll_goes_on(void **state)
{
	(void)state;
	bar_set(4, 1);
	assert_int_equal(RUN(BAR_STEP(.op = RESET_POLL_SOFT, .arg = 5, .offset = 4, .mask = 1),
				 BAR_STEP(.op = RESET_WRITE, .offset = 8, .value = 77)),
		0);
	assert_int_equal(soft, 1);
	assert_int_equal(bar_get(8), 77);
}

/* A register that a dead device answers for looks like every bit that one waits for. */
static void test_all_ones_is_no_answer(void **state)
{
	(void)state;
	bar_set(4, 0xffffffff);
	assert_int_equal(
		RUN(BAR_STEP(.op = RESET_POLL, .arg = 5, .offset = 4, .mask = 1, .value = 1)), -ETIMEDOUT);
	assert_int_equal(RUN(BAR_STEP(.op = RESET_REQUIRE, .offset = 4, .mask = 1, .value = 1)), -ENODEV);
	assert_int_equal(RUN(BAR_STEP(.op = RESET_UPDATE, .offset = 4, .mask = 1)), -ENODEV);
	assert_int_equal(RUN(BAR_STEP(.op = RESET_SKIP, .offset = 4, .mask = 1, .value = 1, .arg = 1),
				 BAR_STEP(.op = RESET_WRITE, .offset = 8)),
		-ENODEV);
}

static void test_require_and_skip(void **state)
{
	(void)state;
	bar_set(4, 0x40);
	assert_int_equal(
		RUN(BAR_STEP(.op = RESET_REQUIRE, .offset = 4, .mask = 0x40, .value = 0x40),
			BAR_STEP(.op = RESET_SKIP, .offset = 4, .mask = 0x40, .value = 0x40, .arg = 2),
			BAR_STEP(.op = RESET_WRITE, .offset = 8, .value = 1),
			BAR_STEP(.op = RESET_WRITE, .offset = 12, .value = 1),
			BAR_STEP(.op = RESET_SKIP, .offset = 4, .mask = 0x40, .value = 0, .arg = 1),
			BAR_STEP(.op = RESET_WRITE, .offset = 16, .value = 1)),
		0);
	assert_int_equal(bar_get(8), 0);
	assert_int_equal(bar_get(12), 0);
	assert_int_equal(bar_get(16), 1);
	assert_int_equal(RUN(BAR_STEP(.op = RESET_REQUIRE, .offset = 4, .mask = 1, .value = 1),
				 BAR_STEP(.op = RESET_WRITE, .offset = 8, .value = 1)),
		-EOPNOTSUPP);
	assert_int_equal(bar_get(8), 0);
}

/* The device's own limit, of the next poll only, and never more than the program's. */
static void test_limit(void **state)
{
	(void)state;
	bar_set(0, 0x02000000);
	bar_set(4, 1);
	assert_int_equal(RUN(BAR_STEP(.op = RESET_LIMIT, .offset = 0, .mask = 0xff000000, .arg = 10),
				 {.op = RESET_DELAY, .arg = 40},
				 BAR_STEP(.op = RESET_POLL_SOFT, .offset = 4, .mask = 1, .arg = 100),
				 BAR_STEP(.op = RESET_POLL_SOFT, .offset = 4, .mask = 1, .arg = 100)),
		0);
	assert_int_equal(soft, 2);
	assert_in_range(env_now_ns(), 170 * MS, 174 * MS); /* 40 + (2 + 1) * 10 + 100 */
	fake_time_set(0);
	bar_set(0, 0xffffffff);
	assert_int_equal(RUN(BAR_STEP(.op = RESET_LIMIT, .offset = 0, .mask = 0xffffffff, .arg = 0xffff),
				 BAR_STEP(.op = RESET_POLL_SOFT, .offset = 4, .mask = 1, .arg = 100)),
		0);
	assert_in_range(env_now_ns(), 100 * MS, 102 * MS);
}

static void test_ready(void **state)
{
	(void)state;
	fn->dead = true;
	model.back_at = 30 * MS;
	assert_int_equal(RUN({.op = RESET_READY, .arg = 100}), 0);
	assert_in_range(env_now_ns(), 30 * MS, 32 * MS);
	fake_cfg_set32(fn, PCI_VENDOR, 0xffff0001); /* retry */
	assert_int_equal(RUN({.op = RESET_READY, .arg = 100}), -ETIMEDOUT);
	fake_cfg_set32(fn, PCI_VENDOR, 0xffffffff); /* a VF has no ids of its own */
	assert_int_equal(RUN({.op = RESET_READY, .arg = 100}), 0);
	fn->dead = true;
	model.back_at = ~0UL;
	assert_int_equal(RUN({.op = RESET_READY, .arg = 100}), -ETIMEDOUT);
}

/* --- What start refuses. --- */

static int check(const struct reset_step *step, uint32_t steps, uint32_t bar_bytes)
{
	struct reset_program program = {.step = step, .steps = steps, .bar_bytes = bar_bytes};
	uint32_t ms = 0;

	return reset_program_check(&program, &ms);
}

#define CHECK_ONE(...) check(&(struct reset_step){__VA_ARGS__}, 1, 0x1000)

static void test_bad_steps(void **state)
{
	(void)state;
	assert_int_equal(CHECK_ONE(.op = RESET_OPS), -EINVAL);
	assert_int_equal(CHECK_ONE(.op = RESET_WRITE, .space = RESET_SPACES, .size = 4), -EINVAL);
	assert_int_equal(CHECK_ONE(.op = RESET_WRITE, .space = RESET_CFG, .size = 4, .offset = 2), -EINVAL);
	assert_int_equal(CHECK_ONE(.op = RESET_WRITE, .space = RESET_CFG, .size = 1), -EINVAL);
	assert_int_equal(CHECK_ONE(.op = RESET_WRITE, .space = RESET_CFG, .size = 0), -EINVAL);
	assert_int_equal(CHECK_ONE(.op = RESET_WRITE, .space = RESET_BAR, .size = 2), -EINVAL);
	assert_int_equal(
		CHECK_ONE(.op = RESET_WRITE, .space = RESET_CFG, .size = 2, .offset = 4096), -EINVAL);
	assert_int_equal(CHECK_ONE(.op = RESET_WRITE, .space = RESET_BAR, .size = 4, .offset = 0xffc), 0);
	assert_int_equal(
		CHECK_ONE(.op = RESET_WRITE, .space = RESET_BAR, .size = 4, .offset = 0x1000), -EINVAL);
	assert_int_equal(CHECK_ONE(.op = RESET_WRITE, .space = RESET_BAR, .size = 4, .offset = ~3U), -EINVAL);
	assert_int_equal(
		CHECK_ONE(.op = RESET_POLL, .space = RESET_BAR, .size = 4, .mask = 1, .value = 2), -EINVAL);
	assert_int_equal(
		CHECK_ONE(.op = RESET_WRITE, .space = RESET_CFG, .size = 2, .value = 0x10000), -EINVAL);
	assert_int_equal(
		CHECK_ONE(.op = RESET_UPDATE, .space = RESET_CFG, .size = 2, .mask = 0x10000), -EINVAL);
	assert_int_equal(CHECK_ONE(.op = RESET_WRITE, .space = RESET_CFG, .size = 2, .value = 0xffff), 0);
	assert_int_equal(CHECK_ONE(.op = RESET_LIMIT, .space = RESET_BAR, .size = 4), -EINVAL);
	assert_int_equal(CHECK_ONE(.op = RESET_SKIP, .space = RESET_BAR, .size = 4, .arg = 0), -EINVAL);
	assert_int_equal(CHECK_ONE(.op = RESET_SKIP, .space = RESET_BAR, .size = 4, .arg = 1), -EINVAL);
}

static void test_bad_programs(void **state)
{
	struct reset_step steps[RESET_PROGRAM_STEPS_MAX + 1];
	struct reset_program program = {.step = steps, .steps = 1, .bar = 6};
	uint32_t ms = 5;

	(void)state;
	memset(steps, 0, sizeof(steps));
	for (size_t i = 0; i < RESET_PROGRAM_STEPS_MAX + 1; i++)
		steps[i] = (struct reset_step){.op = RESET_DELAY, .arg = 1};
	assert_int_equal(check(steps, RESET_PROGRAM_STEPS_MAX, 0), 0);
	assert_int_equal(check(steps, RESET_PROGRAM_STEPS_MAX + 1, 0), -EINVAL);
	assert_int_equal(check(steps, 1, RESET_PROGRAM_BAR_BYTES + 1), -EINVAL);
	assert_int_equal(reset_program_check(&program, &ms), -EINVAL);
	assert_int_equal(ms, 5);
	program.bar = 5;
	assert_int_equal(reset_program_check(&program, &ms), 0);
	assert_int_equal(ms, 1);
	steps[0].arg = RESET_PROGRAM_MS_MAX - 1;
	assert_int_equal(check(steps, 2, 0), 0);
	steps[1].arg = 2;
	assert_int_equal(check(steps, 2, 0), -EINVAL);
	assert_int_equal(check(NULL, 0, 0), 0);
}

static void test_bad_program_touches_nothing(void **state)
{
	struct reset_program_run r;
	struct reset_program program = {.step = &(struct reset_step){.op = RESET_OPS}, .steps = 1};

	(void)state;
	assert_int_equal(reset_program_start(&r, &program, dev), -EINVAL);
	assert_int_equal(reset_program_step(&r), -EINVAL);
	reset_program_cancel(&r);
	assert_int_equal(fake_event_count(), 0);
}

static void test_registers_that_are_not_there(void **state)
{
	struct reset_step cfg = {.op = RESET_WRITE, .space = RESET_MSIX, .size = 2, .offset = 2};
	struct reset_program program = {.step = &cfg, .steps = 1, .bar_bytes = 0x1000, .bar = 2};

	(void)state;
	assert_int_equal(reset_program_run(&program, dev, &soft), -ENODEV); /* no BAR 2 */
	program.bar = 0;
	dev->bar[0].size = 0x800;
	assert_int_equal(reset_program_run(&program, dev, &soft), -ENODEV);
	dev->bar[0].size = BAR_BYTES;
	dev->bar[0].base = 0;
	assert_int_equal(reset_program_run(&program, dev, &soft), -ENODEV);
	dev->bar[0].base = BAR_BASE;
	fake_fail(FAKE_FAULT_MAP, 1);
	assert_int_equal(reset_program_run(&program, dev, &soft), -ENOMEM);
	assert_int_equal(fake_event_count(), 0);
	assert_int_equal(reset_program_run(&program, dev, &soft), 0);
	cfg.offset = 4094; /* within configuration space, but not behind a capability */
	assert_int_equal(reset_program_run(&program, dev, &soft), -ENODEV);
	dev->cap_count = 0;
	cfg.offset = 2;
	assert_int_equal(reset_program_run(&program, dev, &soft), -ENODEV);
}

static void test_cancel_releases(void **state)
{
	struct reset_step delay = {.op = RESET_DELAY, .arg = 10};
	struct reset_program program = {.step = &delay, .steps = 1, .bar_bytes = 0x1000};
	struct reset_program_run r;

	(void)state;
	assert_int_equal(reset_program_start(&r, &program, dev), 0);
	assert_int_equal(fake_live_maps(), 1);
	assert_int_equal(reset_program_step(&r), -EAGAIN);
	reset_program_cancel(&r);
	assert_true(r.ended);
	assert_int_equal(fake_live_maps(), 0);
	reset_program_cancel(&r);
	assert_int_equal(reset_program_step(&r), -EINVAL);
}

/* --- The programs of the database. --- */

static int run_known(uint32_t id)
{
	return reset_program_run(quirk_program(id), dev, &soft);
}

static void test_flr(void **state)
{
	(void)state;
	model.silent_ns = 400 * MS;
	assert_int_equal(run_known(QUIRK_PROGRAM_FLR_UNADVERTISED), 0);
	assert_int_equal(model.resets, 1);
	assert_in_range(env_now_ns(), 400 * MS, 402 * MS);
	assert_int_equal(soft, 0);
}

static void test_flr_never_back(void **state)
{
	(void)state;
	model.silent_ns = 3600000 * MS;
	assert_int_equal(run_known(QUIRK_PROGRAM_FLR_UNADVERTISED), -ETIMEDOUT);
	assert_in_range(env_now_ns(), 10100 * MS, 10110 * MS);
}

static void test_flr_with_work_pending(void **state)
{
	(void)state;
	fake_cfg_set16(fn, DEVSTA, 0x20);
	assert_int_equal(run_known(QUIRK_PROGRAM_FLR_UNADVERTISED), 0);
	assert_int_equal(model.resets, 1);
	assert_int_equal(soft, 1);
	assert_in_range(env_now_ns(), 600 * MS, 604 * MS);
}

static void test_nvme_delay(void **state)
{
	(void)state;
	assert_int_equal(run_known(QUIRK_PROGRAM_FLR_250MS), 0);
	assert_int_equal(model.resets, 1);
	assert_in_range(env_now_ns(), 350 * MS, 354 * MS);
}

static void test_nvme_is_disabled_first(void **state)
{
	(void)state;
	bar_set(0x00, 0x01000000); /* at most one second */
	bar_set(0x14, 0x00464001);
	bar_set(0x1c, 1);
	assert_int_equal(run_known(QUIRK_PROGRAM_NVME_OFF_FLR), 0);
	assert_int_equal(bar_get(0x14), 0x00460000);
	assert_int_equal(model.resets, 1);
	assert_int_equal(soft, 1); /* this one never said that it is disabled */
	assert_in_range(env_now_ns(), 1100 * MS, 1105 * MS);
	assert_true(model.command & PCI_COMMAND_MEMORY);
}

static void test_nvme_that_is_off(void **state)
{
	(void)state;
	bar_set(0x1c, 1);
	assert_int_equal(run_known(QUIRK_PROGRAM_NVME_OFF_FLR), 0);
	assert_int_equal(soft, 0);
	assert_int_equal(model.resets, 1);
	assert_int_equal(fake_event_find(0, FAKE_MMIO_WRITE, BAR_BASE + 0x14), SIZE_MAX);
}

static void test_chelsio(void **state)
{
	(void)state;
	assert_int_equal(run_known(QUIRK_PROGRAM_CHELSIO_T4), 0);
	assert_int_equal(model.resets, 1);
	assert_true(model.command & PCI_COMMAND_MASTER);
	assert_int_equal(model.msix, 0xc000);
	model.resets = 0;
	fake_cfg_set16(fn, MSIX + 2, 0x8000); /* on already: left as it is */
	assert_int_equal(run_known(QUIRK_PROGRAM_CHELSIO_T4), 0);
	assert_int_equal(model.msix, 0x8000);
}

static void test_hinic(void **state)
{
	(void)state;
	bar_set(0x1000, __builtin_bswap32(0x40000000));
	bar_set(0xe80, __builtin_bswap32(0x3));
	model.clears_busy = true;
	assert_int_equal(run_known(QUIRK_PROGRAM_HINIC_VF), 0);
	assert_int_equal(model.resets, 1);
	assert_in_range(env_now_ns(), 3000 * MS, 3003 * MS);
	assert_int_equal(bar_get(0xe80), __builtin_bswap32(0x3));
	assert_true(fake_event_find(0, FAKE_MMIO_WRITE, BAR_BASE + 0xe80) != SIZE_MAX);
}

static void test_hinic_old_firmware(void **state)
{
	(void)state;
	assert_int_equal(run_known(QUIRK_PROGRAM_HINIC_VF), -EOPNOTSUPP);
	assert_int_equal(model.resets, 0);
	assert_int_equal(fake_event_count(), 0);
}

static void test_hinic_that_hangs(void **state)
{
	(void)state;
	bar_set(0x1000, __builtin_bswap32(0x40000000));
	assert_int_equal(run_known(QUIRK_PROGRAM_HINIC_VF), -ETIMEDOUT);
	assert_in_range(env_now_ns(), 15100 * MS, 15105 * MS);
}

static void test_ivy_bridge(void **state)
{
	(void)state;
	bar_set(0xc7204, 0x67);
	bar_set(0xc7200, 0x80000000);
	assert_int_equal(run_known(QUIRK_PROGRAM_IVB_GRAPHICS), 0);
	assert_int_equal(soft, 1);
	assert_int_equal(bar_get(0x45010), 2);
	assert_int_equal(bar_get(0xc2004), 5);
	assert_int_equal(bar_get(0xc7204), 0x66);
	assert_int_equal(bar_get(0xd0100), 2);
	assert_int_equal(model.resets, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_write_and_update),
		TEST(test_update_keeps_other_bits_of_a_word),
		TEST(test_delay_takes_its_time),
		TEST(test_poll),
		TEST(test_soft_poll_goes_on),
		TEST(test_all_ones_is_no_answer),
		TEST(test_require_and_skip),
		TEST(test_limit),
		TEST(test_ready),
		TEST(test_bad_steps),
		TEST(test_bad_programs),
		TEST(test_bad_program_touches_nothing),
		TEST(test_registers_that_are_not_there),
		TEST(test_cancel_releases),
		TEST(test_flr),
		TEST(test_flr_never_back),
		TEST(test_flr_with_work_pending),
		TEST(test_nvme_delay),
		TEST(test_nvme_is_disabled_first),
		TEST(test_nvme_that_is_off),
		TEST(test_chelsio),
		TEST(test_hinic),
		TEST(test_hinic_old_firmware),
		TEST(test_hinic_that_hangs),
		TEST(test_ivy_bridge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
