/* SPDX-License-Identifier: GPL-2.0-only */
/* SVM behind the seam of hv/hvm.h. */
#include "hvm_priv.h"
#include "svm_priv.h"

static struct svm_vcpu *svm_of(const struct vcpu *v)
{
	return v->hvm->vendor;
}

static void svm_ops_state_get(const struct vcpu *v, struct hvm_cpu_state *ret_state)
{
	svm_state_get(svm_of(v), ret_state);
}

static void svm_ops_state_set(struct vcpu *v, const struct hvm_cpu_state *state)
{
	svm_state_set(svm_of(v), state);
}

static uint64_t svm_ops_reg_get(const struct vcpu *v, enum hvm_reg reg)
{
	return svm_reg_get(svm_of(v), reg);
}

static void svm_ops_reg_set(struct vcpu *v, enum hvm_reg reg, uint64_t value)
{
	svm_reg_set(svm_of(v), reg, value);
}

static void svm_ops_segment_get(
	const struct vcpu *v, enum hvm_segment_name name, struct hvm_segment *ret_segment)
{
	svm_segment_get(svm_of(v), name, ret_segment);
}

const struct hvm_ops hvm_svm_ops = {
	.name = "SVM",
	.probe = svm_probe,
	.cpu_prepare = svm_cpu_prepare,
	.cpu_enable = svm_cpu_enable,
	.cpu_disable = svm_cpu_disable,
	.vcpu_create = svm_vcpu_create,
	.vcpu_destroy = svm_vcpu_destroy,
	.enter = svm_enter,
	.state_get = svm_ops_state_get,
	.state_set = svm_ops_state_set,
	.reg_get = svm_ops_reg_get,
	.reg_set = svm_ops_reg_set,
	.segment_get = svm_ops_segment_get,
	.port_bitmap_set = svm_port_bitmap_set,
};
