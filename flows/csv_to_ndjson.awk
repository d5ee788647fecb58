# CSV to one JSON object a line. Quoted fields may hold separators, quotes (doubled) and line breaks.
# -v separator=, -v required=a,b -v rejected=FILE: rows that are wrong go there, with the line and the reason.
BEGIN {
  ROW_MAX = 1048576
  MORE_MAX = 8192 # A long row is not put together line by line.
  if (separator == "") separator = ","
  if (separator == "\\t") separator = "\t"
  wanted = split(required, names, ",")
  for (i = 1; i <= wanted; i++) needed[names[i]] = 1
  for (i = 1; i < 32; i++) control[sprintf("%c", i)] = sprintf("\\u%04x", i)
  control["\b"] = "\\b"; control["\t"] = "\\t"; control["\n"] = "\\n"; control["\f"] = "\\f"; control["\r"] = "\\r"
  control["\""] = "\\\""; control["\\"] = "\\\\"
}

function json(text) {
  return "\"" escaped(text) "\""
}

# In halves: to put a long text together sign by sign takes the square of its length.
function escaped(text,    half) {
  if (text !~ /[\001-\037"\\]/) return text
  if (length(text) == 1) return control[text]
  half = int(length(text) / 2)
  return escaped(substr(text, 1, half)) escaped(substr(text, half + 1))
}

# The fields of a row into `fields`; -1 when a quoted field goes on in the next line. `behind`: what stands behind the
# quotes of fields, where nothing may.
function parse(text,    count, value, start, stop) {
  count = 0
  behind = ""
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
      behind = behind (start == 0 ? text : substr(text, 1, start - 1))
      fields[++count] = value
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

function fail(reason) {
  print reason > "/dev/stderr"
  failed = 1
  exit 1
}

function take_header(count,    i) {
  columns = count
  for (i = 1; i <= count; i++) {
    if (fields[i] in known) fail("two columns are called \"" fields[i] "\" (expected different names in the first line)")
    header[i] = fields[i]
    known[fields[i]] = 1
  }
  for (i in needed) if (!(i in known)) fail("there is no column \"" i "\" (expected it in the first line)")
}

function take(count,    i, out) {
  if (!columns) { take_header(count); return }
  if (behind != "") { reject("\"" behind "\" stands behind a quoted field"); return }
  if (count != columns) { reject(count (count == 1 ? " field" : " fields") ", the header has " columns); return }
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
  if (open) {
    more = more "\n" $0
    if (length(more) < MORE_MAX && !index($0, "\"")) next
    row = row more
    more = ""
    if (length(row) > ROW_MAX) fail("line " first ": a quote is not closed in " ROW_MAX " bytes")
    if (!index($0, "\"")) next
  } else {
    row = $0
    first = NR
    if (row == "") next
  }
  count = parse(row)
  open = count == -1
  if (!open) take(count)
}

END {
  if (failed) exit 1
  row = row more
  if (open) reject("a quote is not closed")
  if (!columns) for (i in needed) fail("there is no column \"" i "\": there is no first line")
}
