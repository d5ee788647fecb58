"""What is done about a ticket: plain functions, which know nothing of the flow."""

WORDS = {"Wo ist mein Paket?": "Where is my parcel?", "Geld zurück, bitte": "Money back, please"}


def triage(envelope):
    """Decides which actors the ticket needs, and in which order."""
    ticket, route = envelope["payload"], envelope["route"]
    if "cheap" in ticket["text"]:
        return None
    if ticket.get("language") == "de":
        route["actors"].append("translate")
    if "paid" in ticket:
        route["actors"].append("refund")
    route["actors"] += ticket.get("needs", []) + ["answer"]
    return {"payload": ticket, "route": route, "headers": {"ticket": ticket["id"]}}


def translate(ticket):
    return dict(ticket, text=WORDS[ticket["text"]])


class Till:
    """What is in the till is kept from one ticket to the next."""

    def __init__(self, money=140):
        self.money = money

    def refund(self, ticket):
        paid = min(ticket["paid"], self.money)
        self.money -= paid
        return dict(ticket, refund=paid)


def archive(envelope):
    """Every ticket ends here, with the way it has gone."""
    route = envelope["route"]
    way = " > ".join(route["actors"][: route["current"]]) or "dropped"
    ticket = envelope["payload"]
    payload = {"id": ticket["id"], "way": way, "answer": ticket.get("answer")}
    return {"payload": payload, "route": route}


def trouble(payload):
    return {"id": payload["original_payload"]["id"], "trouble": payload["details"]["message"]}
