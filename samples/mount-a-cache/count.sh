# Sorts the words once and keeps the result for the next build; what goes to /scratch is gone afterwards.
set -e
test -e /var/cache/sort/sorted || sort -u /in/words.txt > /var/cache/sort/sorted
cp /var/cache/sort/sorted /scratch/sorted
mkdir /result
cat /scratch/sorted > /result/sorted
