mkdir -p out
ls logs/*.gz | parallel -j 2 --joblog jobs --resume-failed 'bash count.sh < {} > out/{/.}.txt' || exit 1
cat out/*.txt | sh sum.sh > report.txt
