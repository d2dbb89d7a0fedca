# SPDX-License-Identifier: GPL-2.0-only
# bash completion for pt-ctl(8)

_pt_ctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local verbs="explain list show" options="--dump --help --json --verbose"
	local word verb='' dump=''

	COMPREPLY=()
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		[[ " $verbs " == *" $word "* ]] && verb=$word
	done
	for ((word = 1; word < COMP_CWORD - 1; word++)); do
		[[ ${COMP_WORDS[word]} == -d || ${COMP_WORDS[word]} == --dump ]] && dump=${COMP_WORDS[word+1]}
	done
	case $prev in
	-d | --dump)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	esac
	case $cur,$verb in
	-*)
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		;;
	*,)
		mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur")
		;;
	*,explain | *,show)
		# Addresses hold colons, at which bash splits words: complete what comes after the last one.
		local whole=${COMP_LINE:0:COMP_POINT}
		whole=${whole##* }
		mapfile -t COMPREPLY < <(compgen -W "$(pt-ctl ${dump:+--dump "$dump"} list 2>/dev/null |
			awk 'NR > 1 { print $1 }')" -- "$whole")
		[[ $whole == *:* ]] && COMPREPLY=("${COMPREPLY[@]#"${whole%:*}:"}")
		;;
	esac
}

complete -F _pt_ctl pt-ctl
