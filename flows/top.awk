# What is counted: each word, each line, or the path of each request in a web server's log.
what == "words" {
  text = tolower($0)
  while (match(text, /[[:alpha:]][[:alnum:]'_-]*/)) {
    print substr(text, RSTART, RLENGTH)
    text = substr(text, RSTART + RLENGTH)
  }
}
what == "lines"
what == "paths" && match($0, /"[A-Z]+ [^ "]+/) {
  path = substr($0, RSTART + 1, RLENGTH - 1)
  sub(/^[A-Z]+ /, "", path)
  sub(/[?#].*/, "", path)
  print path
}
