# Reads C files. Writes each statement in one line: file, line, indentation in
# columns, and the text with single blanks. So two layouts of a file give the
# same output if they differ only in where they break statements.

function emit()
{
	# Blanks that a break makes after a cast and between strings.
	gsub(/\*\) /, "*)", text)
	gsub(/_t\) /, "_t)", text)
	gsub(/" "/, "\"\"", text)
	if (text != "")
		print file ":" first ":" indent ":" text
	text = ""
}

function add(s)
{
	if (text != "" && blank && text !~ /[(\[]$/ && s !~ /^[])[]$/)
		text = text " "
	text = text s
	blank = 0
}

# Whether a statement goes on in the next line.
function goes_on(line)
{
	if (comment || depth > 0)
		return 1
	if (text == "" || last ~ /[;{}]/)
		return 0
	if (last ~ /[,=+*%&|^<>?!~.(-]/ || text ~ /__attribute__\(\(.*\)\)$/)
		return 1
	if (line ~ /^[ \t]+("|__attribute__|PRI[a-z]|[[.])/ || line ~ /^\(\*/)
		return 1
	if (text ~ /[a-z0-9_]$/ && text !~ /(^|[ }])(else|do)$/)
		return line ~ /^[ \t]/
	if (last == ":")
		return text !~ /^(case|default|[a-z_]+:$)/
	return line ~ /^\t*    [^ ]/
}

# A statement that is broken after a cast, or before a member.
function joint(line)
{
	if (text == "" || depth > 0 && last != ")")
		return
	if (last == ")" && line ~ /^[ \t]+[a-zA-Z(]/ || line ~ /^[ \t]+[.]/)
		blank = 0
}

# One line, character by character.
function scan(line,    i, n, c, two)
{
	n = length(line)
	for (i = 1; i <= n; i++) {
		c = substr(line, i, 1)
		two = substr(line, i, 2)
		if (comment) {
			if (two == "*/") {
				add("*/")
				i++
				comment = 0
			} else if (c == " " || c == "\t")
				blank = 1
			else
				add(c)
		} else if (quote != "") {
			add(c)
			blank = 0
			if (c == "\\") {
				text = text substr(line, ++i, 1)
			} else if (c == quote)
				quote = ""
			else if (substr(line, i + 1, 1) ~ /[ \t]/)
				while (substr(line, i + 1, 1) ~ /[ \t]/)
					text = text substr(line, ++i, 1)
		} else if (two == "/*") {
			blank = 1
			add("/*")
			i++
			comment = 1
		} else if (c == " " || c == "\t")
			blank = 1
		else {
			# A brace of values: after "=", ")" or within others.
			if (c == "{")
				kind[++braces] = last == "=" || depth > 0 ||
				    (last == ")" && !blank && text != "") ||
				    text ~ /^[^(]*(enum|struct|union)( [a-z0-9_]*)?$/
			if (c ~ /[(\[]/ || (c == "{" && kind[braces]))
				depth++
			if (c ~ /[)\]]/ || (c == "}" && kind[braces]))
				depth--
			if (c == "}")
				braces--
			add(c)
			last = c
			if (c == "\"" || c == "'")
				quote = c
		}
	}
	blank = 1
}

FNR == 1 {
	emit()
	braces = depth = comment = 0
	last = quote = ""
	file = FILENAME
}
{
	line = $0
	if (line ~ /^[ \t]*$/ && !comment)
		next
	if (macro || line ~ /^[ \t]*#/ || !goes_on(line)) {
		emit()
		match(line, /^[ \t]*/)
		lead = substr(line, 1, RLENGTH)
		tabs = gsub(/\t/, "", lead)
		indent = 8 * tabs + length(lead)
		first = FNR
		blank = 0
	}
	# Not what is defined: the layout of macros has no rule.
	if (macro || (!comment && line ~ /^[ \t]*#/)) {
		macro = line ~ /\\$/
		last = ";"
		next
	}
	joint(line)
	sub(/^[ \t]+/, "", line)
	scan(line)
}
END { emit() }
