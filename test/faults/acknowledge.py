# A message actor that sends each record on and acknowledges it.
import json
import sys

for line in iter(sys.stdin.readline, ""):
    env = json.loads(line)
    if env["message_type"] == "Record":
        sys.stdout.write(json.dumps({"message": env["message"]}) + "\n")
    sys.stdout.write(json.dumps({"ack": env["message_id"]}) + "\n")
    sys.stdout.flush()
