# The first lines, as many as are asked for.
if [ "$SLUICE_PARAM_N" -lt 0 ]; then
  echo "n is $SLUICE_PARAM_N (expected 0 or more)" >&2
  exit 2
fi
exec head -n "$SLUICE_PARAM_N"
