# The primes up to the number on stdin, slowly.
read -r limit
sleep 1
seq 2 "$limit" | factor | awk 'NF == 2 { print $2 }'
