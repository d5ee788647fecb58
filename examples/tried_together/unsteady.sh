# Fails when it is run for the first and the second time.
echo >> tries
read -r name
echo "Hello $name"
[ "$(wc -l < tries)" -ge 3 ] || exit 75
while read -r name; do echo "Hello $name"; done
rm tries
