/* SPDX-License-Identifier: GPL-2.0-only */
#include "unit.h"
#include <stdlib.h>
#include <hv/domain_frames.h>
#include <hv/features.h>
#include <hv/frame.h>
#include <hv/heap.h>
#include <hv/iomem.h>
#include <hv/p2m.h>
#include "env_heap.h"
#include "hv_log.h"
#include "iommu_domain.h"
#include "p2m_domain.h"
#include "p2m_tlb.h"
#include "ram.h"

struct cpu_features cpu_features;

void p2m_machine(void)
{
	fake_log_reset();
	fake_ram_simple(TEST_RAM);
	heap_init(NULL);
	heap_add(MIB(1), TEST_RAM, true);
	iomem_reset();
	fake_heap_fail_at = 0;
	fake_heap_frames = 0;
	fake_iommu_reset();
	fake_p2m_flushes = 0;
	fake_p2m_on_flush = NULL;
	memset(&cpu_features, 0, sizeof(cpu_features));
	cpu_features.phys_bits = 48;
	cpu_features.word[FW_E1C] = 1U << (FEAT_SVM % 32);
	cpu_features.word[FW_E1D] = 1U << (FEAT_PAGE1G % 32);
}

struct domain *p2m_domain(domid_t id)
{
	struct domain *d = calloc(1, sizeof(*d));

	d->id = id;
	d->frame_max = TEST_RAM >> PAGE_SHIFT;
	d->state = DOMAIN_BUILDING;
	spin_init(&d->frame_lock, "frames", LOCK_RANK_FRAMES);
	assert_int_equal(p2m_create(d), 0);
	return d;
}

void p2m_domain_end(struct domain *d)
{
	while (p2m_destroy(d) == -ERESTART)
		;
	d->state = DOMAIN_DYING;
	while (domain_frames_destroy(d) == -ERESTART)
		;
	assert_int_equal(d->frame_count, 0);
	free(d);
}
