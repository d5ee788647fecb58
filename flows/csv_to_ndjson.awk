# CSV to one JSON object a line. Quoted fields may hold separators, quotes (doubled) and line breaks.
# -v separator=, -v required=a,b -v rejected=FILE: rows that are wrong go there, with the line and the reason.
BEGIN {
  if (separator == "") separator = ","
  if (separator == "\\t") separator = "\t"
  wanted = split(required, names, ",")
  for (i = 1; i <= wanted; i++) needed[names[i]] = 1
  for (i = 1; i < 32; i++) control[sprintf("%c", i)] = sprintf("\\u%04x", i)
  control["\b"] = "\\b"; control["\t"] = "\\t"; control["\n"] = "\\n"; control["\f"] = "\\f"; control["\r"] = "\\r"
  control["\""] = "\\\""; control["\\"] = "\\\\"
}

function json(text,    out, at, one) {
  if (text !~ /[\001-\037"\\]/) return "\"" text "\""
  out = ""
  for (at = 1; at <= length(text); at++) {
    one = substr(text, at, 1)
    out = out (one in control ? control[one] : one)
  }
  return "\"" out "\""
}

# The fields of a row into `fields`; -1 when a quoted field goes on in the next line.
function parse(text,    count, value, start, stop) {
  count = 0
  for (;;) {
    if (substr(text, 1, 1) == "\"") {
      value = ""
      text = substr(text, 2)
      for (;;) {
        stop = index(text, "\"")
        if (stop == 0) return -1
        value = value substr(text, 1, stop - 1)
        text = substr(text, stop + 1)
        if (substr(text, 1, 1) != "\"") break
        value = value "\""
        text = substr(text, 2)
      }
      start = index(text, separator)
      fields[++count] = value (start == 0 ? text : substr(text, 1, start - 1))
    } else {
      start = index(text, separator)
      fields[++count] = start == 0 ? text : substr(text, 1, start - 1)
    }
    if (start == 0) return count
    text = substr(text, start + length(separator))
  }
}

function reject(reason) {
  print "{\"line\":" first ",\"reason\":" json(reason) ",\"row\":" json(row) "}" > rejected
}

function take(count,    i, out) {
  if (!columns) {
    columns = count
    for (i = 1; i <= count; i++) { header[i] = fields[i]; known[fields[i]] = 1 }
    for (i in needed) if (!(i in known)) {
      print "there is no column \"" i "\" (expected it in the first line)" > "/dev/stderr"
      failed = 1
      exit 1
    }
    return
  }
  if (count != columns) { reject(count " fields, the header has " columns); return }
  for (i = 1; i <= count; i++) if ((header[i] in needed) && fields[i] == "") {
    reject("\"" header[i] "\" is empty")
    return
  }
  out = "{"
  for (i = 1; i <= count; i++) out = out (i > 1 ? "," : "") json(header[i]) ":" json(fields[i])
  print out "}"
}

{
  if (NR == 1) sub(/^\357\273\277/, "")
  sub(/\r$/, "")
  if (open) row = row "\n" $0
  else { row = $0; first = NR }
  if (!open && row == "") next
  count = parse(row)
  open = count == -1
  if (!open) take(count)
}

END {
  if (!failed && open) reject("a quote is not closed")
}
