"""Business errors are answers with a code; the calculator goes on."""
import asyncio
import logging
from dataclasses import dataclass

from sluice_actor import KernelContext, message, ring_kernel, run


@message
@dataclass
class CalculateRequest:
    a: float
    b: float
    operation: str = "add"


@message
@dataclass
class CalculateResponse:
    result: float
    success: bool = True
    error: str = None
    error_code: str = None


def calculate(a, b, operation):
    if operation == "add":
        return a + b
    if operation == "div":
        return a / b
    raise ValueError("Unknown operation: %s" % operation)


@ring_kernel(kernel_id="calculator")
async def calculator(ctx: KernelContext) -> None:
    while not ctx.should_terminate:
        if not ctx.is_active:
            await ctx.wait_active()
            continue
        try:
            request = await ctx.receive(timeout=0.1)
            try:
                result = calculate(request.a, request.b, request.operation)
                await ctx.send(CalculateResponse(result=result, correlation_id=request.message_id))
            except ZeroDivisionError:
                await ctx.send(CalculateResponse(
                    result=0.0, success=False, error="Division by zero", error_code="DIVIDE_BY_ZERO",
                    correlation_id=request.message_id))
            except ValueError as e:
                await ctx.send(CalculateResponse(
                    result=0.0, success=False, error=str(e), error_code="INVALID_INPUT",
                    correlation_id=request.message_id))
        except asyncio.TimeoutError:
            continue
        except Exception:
            logging.exception("Unexpected error in calculator")
            continue


run(calculator)
