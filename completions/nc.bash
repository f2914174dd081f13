# bash completion for nc, netcat and ncat, each if it is sockcat. The file bears
# the name of the command; if this fails, bash-completion looks for another.
# shellcheck shell=bash source=/dev/null

_sockcat_name=${BASH_SOURCE[0]##*/}
case $(readlink -f "$(type -P "$_sockcat_name")") in
*/sockcat*) . "${BASH_SOURCE[0]%/*}/sockcat" ;;
*) false ;;
esac && case $_sockcat_name in
ncat)	complete -F _sockcat_ncat ncat ;;
*)	complete -F _sockcat "$_sockcat_name" ;;
esac
