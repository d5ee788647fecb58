# A message actor without any SDK: jq -c --unbuffered -f plain.jq
if .message_type == "Ping" then
  {message_type: "Pong", receiver: .sender_actor, correlation_id: .message_id, message: {n: .message.n}}
elif .message_type == "Echo" then
  {message_type: "Echo", receiver: .sender_actor, correlation_id: .message_id, message: .message}
elif .message_type == "Tell" then
  {message_type: "Told", receiver: .message.to, message: {text: .message.text}}
elif .message_type == "Say" then
  {message_type: "Said", topic: .message.topic, message: {text: .message.text}}
elif .message_type == "Emit" then
  {message: .message}
else
  empty
end
