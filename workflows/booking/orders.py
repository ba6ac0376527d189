"""Orders at the payment provider, for the commands that need one."""

from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.payments import PaymentActivities
from domain.billing.provider import CURRENCY, ProviderOrder
from domain.commands import Command, CommandWithOrder
from domain.errors import BookingError, KeyRefused
from domain.kind import B, OrderRequest
from workflows import options
from workflows.booking.messages import Start
from workflows.booking.refunds import RefundHandling


class OrderHandling(RefundHandling[B]):
    """New orders."""

    def __init__(self, start: Start[B]) -> None:
        super().__init__(start)
        self._orders_created = 0

    async def with_order(self, command: Command) -> Command:
        """The command with the order that it needs, if it needs one.

        Created outside the lock: a slow provider must not delay a cancel. The rule is applied before, so that no order
        is created for what would be refused, and again under the lock.
        """
        if not isinstance(command, CommandWithOrder) or self.kind.already_done(self.booking, command):
            return command
        self.validate(command)
        request = self.kind.order_for(self.booking, command)
        return command if request is None else replace(command, order=await self._new_order(request))

    def lacks_order(self, command: Command) -> bool:
        """The order that stood for the choice is gone, so the command needs one of its own. The caller has the lock."""
        if not isinstance(command, CommandWithOrder) or command.order is not None:
            return False
        request = self.kind.order_for(self.booking, command)
        return request is not None and not request.optional

    def without_outdated_order(self, command: Command) -> Command:
        """Leave out an optional order when another amount is due by now; the rule refuses any other that differs."""
        if not isinstance(command, CommandWithOrder) or command.order is None:
            return command
        request = self.kind.order_for(self.booking, command)
        fits = request is not None and (request.amount == command.order.amount or not request.optional)
        return command if fits else replace(command, order=None)

    async def _new_order(self, request: OrderRequest) -> ProviderOrder | None:
        """The order; None for an optional one while the provider is down, for then there is another way to pay."""
        try:
            return await self._create_order(
                request.amount, options.PROVIDER_ON_SITE if request.optional else options.PROVIDER
            )
        except (BookingError, ActivityError) as failure:
            if request.optional:
                return None
            if isinstance(failure, KeyRefused):
                await self.request_attention("provider key", "the payment provider does not accept our key")
            raise

    async def _create_order(self, amount: int, options_used: options.ActivityOptions) -> ProviderOrder:
        """An order whose receipt is made of workflow data, so that a repeat finds the first one."""
        self._orders_created += 1
        info = workflow.info()
        receipt = f"{self.booking.id}-{self.booking.version}-{self._orders_created}-{info.first_execution_run_id[:8]}"
        order: ProviderOrder = await self.run_activity(
            workflow.execute_activity_method(
                PaymentActivities.create_order,
                args=[self.booking.id, receipt, amount, CURRENCY, info.run_id != info.first_execution_run_id],
                summary=f"order {receipt}",
                **options_used,
            )
        )
        return order
