/* SPDX-License-Identifier: GPL-2.0-only */
/* Stable names, the same in text and JSON. */
#include "quirks_priv.h"

static const char *const kind_names[QUIRK_KINDS] = {
	[QUIRK_KIND_RESET] = "reset",
	[QUIRK_KIND_ACS] = "acs",
	[QUIRK_KIND_ALIAS] = "alias",
	[QUIRK_KIND_MSI] = "msi",
	[QUIRK_KIND_ATS] = "ats",
	[QUIRK_KIND_ORDER] = "order",
	[QUIRK_KIND_BAR] = "bar",
	[QUIRK_KIND_POWER] = "power",
	[QUIRK_KIND_IOMMU] = "iommu",
	[QUIRK_KIND_DENY] = "deny",
};

static const char *const action_names[QUIRK_ACTIONS] = {
	[QUIRK_NO_SBR] = "no-sbr",
	[QUIRK_NO_SBR_BELOW] = "no-sbr-below",
	[QUIRK_NO_FLR] = "no-flr",
	[QUIRK_NO_PM_RESET] = "no-pm-reset",
	[QUIRK_NO_RESET] = "no-reset",
	[QUIRK_PREFER] = "prefer",
	[QUIRK_PROGRAM] = "program",
	[QUIRK_NEEDS_DRIVER] = "needs-driver",
	[QUIRK_DELAY_AFTER_RESET] = "delay-after-reset",
	[QUIRK_RESET_FIRST] = "reset-first",
	[QUIRK_LEAKS_STATE] = "leaks-state",
	[QUIRK_ACS_EQUIVALENT] = "acs-equivalent",
	[QUIRK_ACS_PCH] = "acs-pch",
	[QUIRK_ACS_DWORDS] = "acs-dwords",
	[QUIRK_ACS_STORE_FORWARD] = "acs-store-forward",
	[QUIRK_ACS_SV_COMPLETIONS] = "acs-sv-completions",
	[QUIRK_ALIAS_FUNCTION] = "alias-function",
	[QUIRK_ALIAS_DEVFN] = "alias-devfn",
	[QUIRK_ALIAS_SLOTS] = "alias-slots",
	[QUIRK_ALIAS_BUS] = "alias-bus",
	[QUIRK_ALIAS_TABLE] = "alias-table",
	[QUIRK_ALIAS_BRIDGE] = "alias-bridge",
	[QUIRK_ALIAS_ROOT] = "alias-root",
	[QUIRK_ALIAS_PHANTOM] = "alias-phantom",
	[QUIRK_NO_MSI] = "no-msi",
	[QUIRK_NO_MSI_BELOW] = "no-msi-below",
	[QUIRK_NO_MSI_SYSTEM] = "no-msi-system",
	[QUIRK_NO_MSI_HOTPLUG] = "no-msi-hotplug",
	[QUIRK_INTX_MASK_BROKEN] = "intx-mask-broken",
	[QUIRK_HIDE_INTX] = "hide-intx",
	[QUIRK_KEEP_INTX_BIT] = "keep-intx-bit",
	[QUIRK_MSI_MASKABLE] = "msi-maskable",
	[QUIRK_NO_ATS] = "no-ats",
	[QUIRK_ATS_FLUSH_TWICE] = "ats-flush-twice",
	[QUIRK_NO_RELAXED_BELOW] = "no-relaxed-below",
	[QUIRK_ROOT_NO_ATTRIBUTES] = "root-no-attributes",
	[QUIRK_NO_EXT_TAGS] = "no-ext-tags",
	[QUIRK_PAYLOAD_MAX] = "payload-max",
	[QUIRK_BARS_INVALID] = "bars-invalid",
	[QUIRK_BAR_PAGES] = "bar-pages",
	[QUIRK_BAR_BYTES] = "bar-bytes",
	[QUIRK_BAR_ALIGN] = "bar-align",
	[QUIRK_BAR_SIZE_REG] = "bar-size-reg",
	[QUIRK_BAR_DECODE_ON] = "bar-decode-on",
	[QUIRK_ROM_OVERLAP] = "rom-overlap",
	[QUIRK_ROM_HANGS] = "rom-hangs",
	[QUIRK_CFG_BYTES] = "cfg-bytes",
	[QUIRK_CFG_MIRROR] = "cfg-mirror",
	[QUIRK_CAP_AT] = "cap-at",
	[QUIRK_CLASS_IS] = "class-is",
	[QUIRK_D3HOT_DELAY] = "d3hot-delay",
	[QUIRK_D3HOT_NO_DELAY] = "d3hot-no-delay",
	[QUIRK_NO_D3] = "no-d3",
	[QUIRK_NO_D1_D2] = "no-d1-d2",
	[QUIRK_NO_PME] = "no-pme",
	[QUIRK_NO_L0S] = "no-l0s",
	[QUIRK_NO_ASPM] = "no-aspm",
	[QUIRK_NEEDS_FUNCTION] = "needs-function",
	[QUIRK_DPC_LOG] = "dpc-log",
	[QUIRK_GFX_UNTRANSLATED] = "gfx-untranslated",
	[QUIRK_GFX_SHADOW_GTT] = "gfx-shadow-gtt",
	[QUIRK_IOMMU_WRITE_FLUSH] = "iommu-write-flush",
	[QUIRK_IOMMU_STAY_ON] = "iommu-stay-on",
	[QUIRK_NO_INTREMAP] = "no-intremap",
	[QUIRK_MASK_VTD_FAULTS] = "mask-vtd-faults",
	[QUIRK_MASK_UR] = "mask-ur",
	[QUIRK_DENIED] = "denied",
};

static const char *const condition_names[QUIRK_CONDITIONS] = {
	[QUIRK_ALWAYS] = "always",
	[QUIRK_IF_AMD_IOMMU] = "if-amd-iommu",
	[QUIRK_IF_ACS_REDIRECT] = "if-acs-redirect",
	[QUIRK_IF_FIRMWARE] = "if-firmware",
	[QUIRK_IF_BOARD] = "if-board",
	[QUIRK_IF_CANTIGA] = "if-cantiga",
	[QUIRK_IF_IBEXPEAK] = "if-ibexpeak",
};

const char *quirk_kind_name(unsigned int kind)
{
	return kind < QUIRK_KINDS ? kind_names[kind] : NULL;
}

const char *quirk_action_name(unsigned int action)
{
	return action < QUIRK_ACTIONS ? action_names[action] : NULL;
}

const char *quirk_condition_name(unsigned int condition)
{
	return condition < QUIRK_CONDITIONS ? condition_names[condition] : NULL;
}

/* The last action of each kind. */
static const uint8_t last_action[QUIRK_KINDS] = {
	[QUIRK_KIND_RESET] = QUIRK_LEAKS_STATE,
	[QUIRK_KIND_ACS] = QUIRK_ACS_SV_COMPLETIONS,
	[QUIRK_KIND_ALIAS] = QUIRK_ALIAS_PHANTOM,
	[QUIRK_KIND_MSI] = QUIRK_MSI_MASKABLE,
	[QUIRK_KIND_ATS] = QUIRK_ATS_FLUSH_TWICE,
	[QUIRK_KIND_ORDER] = QUIRK_PAYLOAD_MAX,
	[QUIRK_KIND_BAR] = QUIRK_CLASS_IS,
	[QUIRK_KIND_POWER] = QUIRK_DPC_LOG,
	[QUIRK_KIND_IOMMU] = QUIRK_MASK_UR,
	[QUIRK_KIND_DENY] = QUIRK_DENIED,
};

unsigned int quirk_kind_of(unsigned int action)
{
	unsigned int kind = 0;

	while (kind < QUIRK_KINDS && action > last_action[kind])
		kind++;
	return kind;
}
