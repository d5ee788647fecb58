# Counts what one tool call says. No library is needed to be an actor.
select(.message_type == "Call") | {
  message_type: "Result",
  receiver: .sender_actor,
  correlation_id: .message_id,
  message: {result: (.message.text | split(" ") | length)}
}
