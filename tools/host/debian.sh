#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Functions about this Debian machine, for the other scripts here. No mirror is named anywhere: what apt was
# configured with (.list or .sources) is asked, through apt itself.

# shellcheck disable=SC2034  # used by those who source this
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

die()
{
	echo "$(basename "$0"): $*" >&2
	exit 1
}

# VERSION_ID of Debian, 12 or 13; anything else is refused.
debian_version()
{
	# shellcheck disable=SC1091
	version=$(. /etc/os-release && echo "${ID:-}${VERSION_ID:-}")
	case $version in
	debian12 | debian13) echo "${version#debian}" ;;
	*) die "needs Debian 12 or 13, this is ${version:-unknown}" ;;
	esac
}

codename()
{
	case $1 in
	12) echo bookworm ;;
	13) echo trixie ;;
	*) die "no code name for Debian $1" ;;
	esac
}

# The URI of the mirror that apt uses for this machine's own release.
debian_mirror()
{
	for suite in "$(codename "$(debian_version)")" stable oldstable; do
		uri=$(apt-get indextargets --no-release-info --format '$(REPO_URI)' 'Created-By: Packages' "Release: $suite" |
			head -n 1)
		[ -z "$uri" ] || break
	done
	[ -n "$uri" ] || die "apt has no source for Debian $(debian_version): see sources.list(5)"
	echo "$uri"
}

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "not root and there is no sudo: run as root: $*"
	fi
}
