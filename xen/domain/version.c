/* SPDX-License-Identifier: GPL-2.0-only */
/* XENVER_*: what this hypervisor is and can do. Source: public/version.h, public/features.h. */
#include <errno.h>
#include <string.h>
#include <hv/boot_info.h>
#include <xen/xen.h>
#include <xen/version.h>
#include "domain_priv.h"

#define VERSION_MAJOR 4u
#define VERSION_MINOR 20u

static const char version_extra[] = ".0-undercroft";
static const char version_changeset[] = "unavailable";
static const char version_capabilities[] = "hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64";
static const char version_denied[] = "<denied>";

BUILD_ASSERT(sizeof(version_extra) <= sizeof(xen_extraversion_t));
BUILD_ASSERT(sizeof(version_changeset) <= sizeof(xen_changeset_info_t));
BUILD_ASSERT(sizeof(version_capabilities) <= sizeof(xen_capabilities_info_t));

static const char *version_extra_text(const struct domain *d)
{
	(void)d;
	return version_extra;
}

static const char *version_changeset_text(const struct domain *d)
{
	(void)d;
	return version_changeset;
}

static const char *version_capabilities_text(const struct domain *d)
{
	(void)d;
	return version_capabilities;
}

static const char *version_commandline_text(const struct domain *d)
{
	return d->privileged ? boot_info.cmdline : version_denied;
}

#define TEXT_PIECE 128u

/* The text, cut, in a field of this many bytes whose rest is zero. */
static long version_text_fixed(uint64_t to, const char *text, uint32_t bytes)
{
	size_t length = strnlen(text, bytes - 1);
	char piece[TEXT_PIECE];

	for (uint32_t at = 0; at < bytes; at += TEXT_PIECE) {
		uint32_t n = MIN(bytes - at, TEXT_PIECE);

		memset(piece, 0, sizeof(piece));
		if (at < length)
			memcpy(piece, text + at, MIN(length - at, (size_t)n));
		if (guest_write(to + at, piece, n) != 0)
			return -EFAULT;
	}
	return 0;
}

/* struct xen_varbuf: the length that the caller has room for, then the bytes; a null address asks for the length. */
static long version_text_variable(uint64_t to, const char *text)
{
	size_t length = strlen(text);
	uint32_t room;

	if (to == 0)
		return (long)length;
	if (guest_read(&room, to, sizeof(room)) != 0)
		return -EFAULT;
	if (room == 0)
		return -EINVAL;
	if (room < length)
		return -ENOBUFS;
	return guest_write(to + sizeof(room), text, length) != 0 ? -EFAULT : (long)length;
}

static const struct version_text {
	const char *(*text)(const struct domain *d);
	uint16_t bytes; /* of the fixed field; 0: struct xen_varbuf */
} version_texts[] = {
	[XENVER_extraversion] = {version_extra_text, sizeof(xen_extraversion_t)},
	[XENVER_capabilities] = {version_capabilities_text, sizeof(xen_capabilities_info_t)},
	[XENVER_changeset] = {version_changeset_text, sizeof(xen_changeset_info_t)},
	[XENVER_commandline] = {version_commandline_text, sizeof(xen_commandline_t)},
	[XENVER_extraversion2] = {version_extra_text, 0},
	[XENVER_capabilities2] = {version_capabilities_text, 0},
	[XENVER_changeset2] = {version_changeset_text, 0},
	[XENVER_commandline2] = {version_commandline_text, 0},
};

#define FEATURE_BIT(name) (1u << XENFEAT_##name)

static uint32_t version_features(const struct domain *d)
{
	uint32_t features = FEATURE_BIT(memory_op_vnode_supported) | FEATURE_BIT(not_direct_mapped) |
			    FEATURE_BIT(runstate_phys_area) | FEATURE_BIT(vcpu_time_phys_area) |
			    FEATURE_BIT(auto_translated_physmap) | FEATURE_BIT(hvm_safe_pvclock) |
			    FEATURE_BIT(hvm_callback_vector);

	return d->privileged ? features | FEATURE_BIT(dom0) : features;
}

static long version_get_features(struct vcpu *v, uint64_t arg)
{
	struct xen_feature_info info;

	if (guest_read(&info, arg, sizeof(info)) != 0)
		return -EFAULT;
	info.submap = info.submap_idx == 0 ? version_features(v->domain) : 0;
	return guest_write(arg, &info, sizeof(info));
}

static long version_compile_info(struct vcpu *v, uint64_t arg)
{
	static const struct xen_compile_info info = {
		.compiler = __VERSION__,
		.compile_by = "undercroft",
		.compile_domain = "",
		.compile_date = "",
	};

	(void)v;
	return guest_write(arg, &info, sizeof(info));
}

static long version_platform(struct vcpu *v, uint64_t arg)
{
	const struct xen_platform_parameters p = {.virt_start = HYPERVISOR_VIRT_START};

	(void)v;
	return guest_write(arg, &p, sizeof(p));
}

static long version_guest_handle(struct vcpu *v, uint64_t arg)
{
	return guest_write(arg, v->domain->handle, sizeof(v->domain->handle));
}

static long version_number(struct vcpu *v, uint64_t arg)
{
	(void)v;
	(void)arg;
	return VERSION_MAJOR << 16 | VERSION_MINOR;
}

static long version_pagesize(struct vcpu *v, uint64_t arg)
{
	(void)v;
	return arg == 0 ? (long)PAGE_SIZE : -EINVAL;
}

static long version_build_id(struct vcpu *v, uint64_t arg)
{
	(void)v;
	(void)arg;
	return -ENODATA;
}

static long (*const version_ops[])(struct vcpu *v, uint64_t arg) = {
	[XENVER_version] = version_number,
	[XENVER_compile_info] = version_compile_info,
	[XENVER_platform_parameters] = version_platform,
	[XENVER_get_features] = version_get_features,
	[XENVER_pagesize] = version_pagesize,
	[XENVER_guest_handle] = version_guest_handle,
	[XENVER_build_id] = version_build_id,
};

long version_op(struct vcpu *v, uint64_t args[HYPERCALL_ARGS])
{
	uint64_t op = args[0];

	if (op < ARRAY_SIZE(version_ops) && version_ops[op] != NULL)
		return version_ops[op](v, args[1]);
	if (op >= ARRAY_SIZE(version_texts) || version_texts[op].text == NULL)
		return -ENOSYS;
	if (version_texts[op].bytes != 0)
		return version_text_fixed(
			args[1], version_texts[op].text(v->domain), version_texts[op].bytes);
	return version_text_variable(args[1], version_texts[op].text(v->domain));
}
