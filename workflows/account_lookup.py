"""What the payment provider says of a payee's account, for whoever waits for the answer."""

from temporalio import workflow

from activities.payouts import PayoutActivities
from domain.billing.transfers import AccountStatus
from workflows import options


@workflow.defn
class AccountLookupWorkflow:
    """Asks once, within the time that somebody waits for."""

    @workflow.run
    async def run(self, account_id: str) -> AccountStatus:
        return await workflow.execute_activity_method(
            PayoutActivities.fetch_account, account_id, summary="look at the account", **options.PROVIDER_ON_SITE
        )
