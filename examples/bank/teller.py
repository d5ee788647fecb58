"""Pays 1 to n into n accounts, waits until all of them sleep, takes 1 out of each, and adds up."""
from sluice_actor import Actor, AskError, Timer, run


class Teller(Actor):
    def on_start(self, env):
        self.total = self.answers = 0
        for number in range(self.args["accounts"]):
            self.send("account", "Deposit", {"account": "a%d" % number, "amount": number + 1})

    def on_balance(self, env):
        self.answers += 1
        if self.answers == self.args["accounts"]:
            self.emit("paid in")
            Timer.once(self, 0.1)
        elif self.answers > self.args["accounts"]:
            self.total += env.msg.balance
            if self.answers == 2 * self.args["accounts"]:
                self.emit({"total": self.total})
                self.overdraw()

    def on_timeout(self, env):
        actors = self.ask("$registry", "List").actors
        (account,) = [each for each in actors if each.name == "account"]
        if account.instances > 0:
            Timer.once(self, 0.1)
            return
        self.emit("all accounts sleep")
        for number in range(self.args["accounts"]):
            self.send("account", "Withdraw", {"account": "a%d" % number, "amount": 1})

    def overdraw(self):
        try:
            self.ask("account/a7", "Withdraw", {"amount": 100})
        except AskError as error:
            self.emit({"code": error.code, "message": error.message, "details": error.details})


run(Teller)
