# Two lists of sha256sum: what is other in the second. A name with a line break or a backslash has a backslash before
# its line, as sha256sum writes it.
function path(line) { sub(/^[^ ]+ [ *]/, "", line); return line }
FILENAME == ARGV[1] { before[path($0)] = $1; next }
{
  name = path($0)
  if (!(name in before)) print "added " name
  else if (before[name] != $1) print "changed " name
  delete before[name]
}
END { for (name in before) print "removed " name }
