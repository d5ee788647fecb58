"""Does what one tool call says; each call has a process of its own."""
import ast
import operator

from sluice_actor import Actor, ActorError, run

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def calculate(node):
    if isinstance(node, ast.Expression):
        return calculate(node.body)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](calculate(node.left), calculate(node.right))
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    raise ActorError("NO_ARITHMETIC", "only numbers and + - * /")


TOOLS = {
    "calculate": lambda given: calculate(ast.parse(given.expression, mode="eval")),
    "count_words": lambda given: len(given.text.split()),
}


class Tool(Actor):
    def on_call(self, env):
        tool = TOOLS.get(env.msg.name)
        if tool is None:
            raise ActorError("NO_TOOL", "there is no %s" % env.msg.name)
        try:
            self.reply(env, "Result", {"result": tool(env.msg.arguments)})
        except ZeroDivisionError:
            raise ActorError("DIVIDE_BY_ZERO", "Division by zero")


run(Tool)
