# Actor in shell: writes numbers, reads nothing.
i=1
while [ $i -le 1000 ]; do
  echo $i
  i=$((i + 1))
done
