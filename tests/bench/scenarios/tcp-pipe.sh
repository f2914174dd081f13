# shellcheck shell=sh disable=SC2034
about='pipe to TCP to pipe; the program that feeds the pipe copies (write)'
goal='1.6 x best peer, 0.95 x limit, CPU 0.33 x'
tools='sockcat nc.openbsd nc.traditional busybox toybox ncat socat socat-64k limit'
bytes=1073741824
figure='gbps=GB/s'
columns='cpu=CPU_s/GB tx_cpu=sender rx_cpu=receiver tx_rss=RSS_KiB_sender rx_rss=RSS_KiB_receiver'

# What one run is: the tool, and how much. Prints a line of key=value.
once() {
	stream tcp "$1" "$2"
}

# Does it do the job? Every byte is looked at; not timed.
verify() {
	stream tcp "$1" "$2" -c
}
