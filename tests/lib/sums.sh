# The sums that a test program, a run or a world ends with.
# shellcheck shell=sh

# sums_of: of the lines of standard input that are "N passed, N failed[, N
# skipped]" and nothing else, prints the last one as "PASSED FAILED SKIPPED".
sums_of()
{
	tr -d '\r' | sed -n \
	    -e 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2 0/p' \
	    -e 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' |
	    tail -n 1
}

# cpu_of: of what times(1) of the shell prints, the seconds that programs used.
cpu_of()
{
	awk 'NR == 2 {
		for (i = 1; i <= 2; i++) {
			split($i, t, "[ms]")
			sum += t[1] * 60 + t[2]
		}
	} END { printf "%.1f\n", sum }'
}
