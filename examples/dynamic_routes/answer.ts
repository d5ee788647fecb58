interface Ticket {
  readonly text: string;
  readonly refund?: number;
}

/** The same in another language: a payload in, a payload out. */
export function answer(ticket: Ticket) {
  const said = `You wrote "${ticket.text}".`;
  const refund = ticket.refund === undefined ? "" : ` We send back ${ticket.refund}.`;
  return { ...ticket, answer: said + refund };
}
