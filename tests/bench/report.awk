# Turns samples into a Markdown table, and into JSON when json is a file.
#
# Input: one line a sample, "TOOL ROUND key=value ..."; round 0 does not count.
# Variables: scenario, about, goal, amount, of (what), runs, tools (in the order
# of the table), figure ("key=heading"), columns (the same, several), machine,
# version (a file: "TOOL words"), json.

function median(tool, key,	i, j, n, t, v) {
	n = 0
	for (i = 1; i <= count[tool]; i++)
		if ((tool, i, key) in sample)
			v[++n] = sample[tool, i, key]
	if (n == 0)
		return ""
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && v[j - 1] > v[j]; j--) {
			t = v[j]
			v[j] = v[j - 1]
			v[j - 1] = t
		}
	low = v[1]
	high = v[n]
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

function shown(v) {
	if (v == "")
		return "-"
	if (v >= 100)
		return sprintf("%.0f", v)
	return sprintf(v >= 10 ? "%.1f" : "%.2f", v)
}

function ratio(a, b) {
	return a == "" || b == "" || b == 0 ? "-" : sprintf("%.2f", a / b)
}

function quoted(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	return "\"" s "\""
}

# Tools without a sample have no row.
function order_tools(	i, n, word) {
	n = split(tools, word, " ")
	for (i = 1; i <= n; i++)
		if (word[i] in count)
			order[++ntools] = word[i]
}

$2 == 0 {
	warmed_up = 1
	next
}

{
	n = ++count[$1]
	for (f = 3; f <= NF; f++) {
		eq = index($f, "=")
		sample[$1, n, substr($f, 1, eq - 1)] = \
		    substr($f, eq + 1) + 0
	}
}

function split_columns(	i, eq, word) {
	ncols = split(columns, word, " ")
	for (i = 1; i <= ncols; i++) {
		eq = index(word[i], "=")
		key[i] = substr(word[i], 1, eq - 1)
		head[i] = substr(word[i], eq + 1)
		gsub(/_/, " ", head[i])
	}
	eq = index(figure, "=")
	main = substr(figure, 1, eq - 1)
	unit = substr(figure, eq + 1)
	gsub(/_/, " ", unit)
}

function find_best(	i, m) {
	for (i = 1; i <= ntools; i++) {
		if (order[i] ~ /^sockcat/ || order[i] ~ /^limit/)
			continue
		m = median(order[i], main)
		if (m != "" && m > best) {
			best = m
			best_peer = order[i]
		}
	}
	limit = "limit" in count ? median("limit", main) : ""
}

function table(	i, c, line, rule, m) {
	printf "### %s\n\n%s. %s %s, medians of %d%s. Goal: %s.\n\n", \
	    scenario, about, amount, of, runs, \
	    warmed_up ? " after a warm-up round" : "", goal
	line = "| tool | " unit " | spread | x best peer | x limit |"
	rule = "|---|---|---|---|---|"
	for (c = 1; c <= ncols; c++) {
		line = line " " head[c] " |"
		rule = rule "---|"
	}
	print line "\n" rule
	for (i = 1; i <= ntools; i++) {
		m = median(order[i], main)
		printf "| %s | %s | %s | %s | %s |", order[i], shown(m), \
		    m == "" || m == 0 ? "-" : \
		    sprintf("%.0f %%", (high - low) / m * 100), \
		    ratio(m, best), ratio(m, limit)
		for (c = 1; c <= ncols; c++)
			printf " %s |", shown(median(order[i], key[c]))
		print ""
	}
	print ""
}

function json_tool(tool,	i, c, m, s) {
	m = median(tool, main)
	s = "{\"tool\":" quoted(tool) ",\"version\":" quoted(words[tool]) \
	    ",\"median\":" (m == "" ? "null" : m) ",\"samples\":["
	for (i = 1; i <= count[tool]; i++)
		s = s (i > 1 ? "," : "") \
		    ((tool, i, main) in sample ? sample[tool, i, main] : "null")
	s = s "]"
	for (c = 1; c <= ncols; c++) {
		m = median(tool, key[c])
		s = s ",\"" key[c] "\":" (m == "" ? "null" : m)
	}
	return s "}"
}

function write_json(	i, line) {
	while ((getline line < version) > 0)
		words[substr(line, 1, index(line, " ") - 1)] = \
		    substr(line, index(line, " ") + 1)
	printf "{\"scenario\":%s,\"about\":%s,\"goal\":%s,\"machine\":%s," \
	    "\"amount\":%s,\"of\":%s,\"runs\":%d,\"warm_up\":%d," \
	    "\"figure\":%s,\"unit\":%s,\"best_peer\":%s,\"tools\":[\n", quoted(scenario), \
	    quoted(about), quoted(goal), quoted(machine), amount, quoted(of), \
	    runs, warmed_up, quoted(main), quoted(unit), quoted(best_peer) > json
	for (i = 1; i <= ntools; i++)
		printf " %s%s\n", json_tool(order[i]), \
		    i < ntools ? "," : "" > json
	printf "]}" > json
}

BEGIN {
	CONVFMT = "%.10g"
}

END {
	split_columns()
	order_tools()
	find_best()
	table()
	if (json != "")
		write_json()
}
