# two_lists.sh LEFT RIGHT: the left input through two programs, then the right one.
tr a-m A-M <"$1" | cat
tr n-z N-Z <"$2"
