#!/bin/sh
# doc/COOKBOOK.md: each recipe does what the page says, and a page that says
# something false is found out. See tests/cookbook/run.
. "$(dirname "$0")/../lib/tests.sh"

page=$TOP_SRCDIR/doc/COOKBOOK.md
python=$(command -v python3)

if [ -z "$python" ]; then
	skip "python3 is not installed"
	end
fi

run_page()	# PAGE [WORD...]
{
	"$python" "$TOP_SRCDIR/tests/cookbook/run" "$@"
}

# --- the page ---------------------------------------------------------------

# The verdicts of the recipes are verdicts of this script.
test_each_recipe_does_what_the_page_says()
{
	run_page "$page" >"$work/log" 2>&1
	cat "$work/log"
	grep -oE '^(ok|FAILED|skipped): ' "$work/log" | tr -d ': ' >>"$verdicts"
	case $(tail -n 1 "$work/log") in
	*" passed, "*) ;;
	*)	bad "the page was run" ;;
	esac
}

# What the exercises of a course on sockets ask for.
rows="S0.1 S0.2 S0.3 S0.4 S0.5 S0.6 S0.7 S0.8 S0.9 S0.10 S0.11 S0.12 S0.13
S0.14 S0.15 S1.1 S1.2 S1.3 S1.4 S1.5 S1.6 S2.1 S2.2 S2.3 S2.4 S2.5 S2.6 S2.7
S2.8 S2.9 S2.10 S2.11 S2.12 S2.13 S2.14 S2.15 S3.1 S3.2 S3.3 S3.4 S3.5 S3.6
S3.7 S4.1 S4.2 S4.3 S4.4 S4.5 S4.6 S4.7 S4.8 S4.9 S4.10 S4.11 S4.12"
test_every_exercise_has_a_recipe_and_the_contents_list_it()
{
	run_page --rows "$page" >"$work/answered"
	missing=
	for row in $rows; do
		grep -qx "$row" "$work/answered" || missing="$missing $row"
	done
	[ -z "$missing" ]
	judge $? "every exercise has a recipe that is run" "without one:$missing"
	sed -n 's/^### //p' "$page" | while IFS= read -r title; do
		grep -qF -- "- [$title](#" "$page" || echo "$title"
	done >"$work/lost"
	[ ! -s "$work/lost" ]
	judge $? "the contents list every recipe" "$(cat "$work/lost")"
}

# --- the runner -------------------------------------------------------------

cat >"$work/good.md" <<'X'
<!-- ports: 5000 -->
<!-- names: receiver -->

### Copy
<!-- before: echo data >original -->

```sh receiver
sockcat -l 5000 > copy; echo "status $?"
```

```sh sender
sockcat receiver 5000 < original
```

```text receiver
status ...
```
<!-- after: cmp original copy -->

### Echo

```sh server
sockcat -l -k --echo 5000
```

```sh client
sockcat receiver 5000
```

```keys client
hello
```

```text client
hello
```

```keys client
^D
```

```keys server
^C
```
X

finds()	# SENTENCE SED-COMMANDS EXPECTED
{
	sed "$2" "$work/good.md" >"$work/broken.md"
	if cmp -s "$work/good.md" "$work/broken.md"; then
		bad "$1" "nothing was changed"
		return
	fi
	COOKBOOK_LIMIT=6 run_page "$work/broken.md" >"$work/log" 2>&1
	status=$?
	[ "$status" = 1 ] && grep -q "^FAILED: .*$3" "$work/log"
	judge $? "$1" "status $status" "$(cat "$work/log")"
}

test_a_false_page_is_found_out()
{
	run_page "$work/good.md" >"$work/log" 2>&1
	judge $? "a true page passes" "$(cat "$work/log")"
	COOKBOOK_NAMESPACE=no run_page "$work/good.md" >"$work/log" 2>&1
	judge $? "a true page passes with other ports and without names" \
	    "$(cat "$work/log")"
	finds "an option that does not exist is found" 's/--echo/--ecko/' "did not show"
	finds "a text that does not appear is found" 's/^hello$/good bye/;
	    /keys client/,/```$/s/^good bye/hello/' "did not show"
	finds "a text that the page does not have is found" '/^status/d' \
	    "what the page does not say"
	finds "a program that does not end is found" 's/^^C$//' "did not end"
	finds "a failure is found" 's/ < original$/&; exit 3/' "sender: status 3"
	finds "a file that differs is found" 's/cmp original copy/cmp copy run/' \
	    'after" failed'
	finds "a listener that does not listen is found" \
	    's/^sockcat -l 5000/sleep 60 \&\& sockcat -l 5000/' "did not listen"
	finds "commands without a terminal are found" 's/^```sh sender/```sh/' \
	    "terminal of their own"
	finds "an output of an unknown terminal is found" \
	    's/^```text client/```text cleint/' "there is no terminal cleint"
	finds "a fence that is not closed is found" '$d' "has no end"
}

run_tests "$@"
