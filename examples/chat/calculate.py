"""Calculates what one tool call says."""
import ast
import operator

from sluice_actor import Actor, ActorError, run

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def calculate(node):
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](calculate(node.left), calculate(node.right))
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    raise ActorError("NO_ARITHMETIC", "only numbers and + - * /")


class Calculate(Actor):
    def on_call(self, env):
        try:
            self.reply(env, "Result", {"result": calculate(ast.parse(env.msg.expression, mode="eval").body)})
        except ZeroDivisionError:
            raise ActorError("DIVIDE_BY_ZERO", "Division by zero")
        except SyntaxError:
            raise ActorError("NO_ARITHMETIC", env.msg.expression)


run(Calculate)
