# A sensor: one reading now and then. Try: sh feed.sh | deno run -A ../../mod.ts flow.json
for reading in 61 64 69 72 77 74 68; do
  echo "boiler $reading"
  sleep 0.1
done
