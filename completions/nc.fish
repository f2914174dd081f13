# fish completion for nc and netcat, each if it is sockcat. The file bears the
# name of the command.

set -l name (string replace -r '\.fish$' '' (status basename))
if string match -q 'sockcat*' (basename (realpath (command -s $name)))
    source (status dirname)/sockcat.fish
    complete -c $name -w sockcat
else if test -r $__fish_data_dir/completions/$name.fish
    source $__fish_data_dir/completions/$name.fish
end
