"""The rules of a local service: what each command makes of a booking. The engine's own are in ``domain.decide``."""

from collections.abc import Mapping

from domain.commands import Command, TakePayment
from domain.kind import Rule
from kinds.local_services.domain import commands
from kinds.local_services.domain.booking import ServiceBooking
from kinds.local_services.domain.rules import disputing, ending, negotiating, paying, reviewing, working

RULES: Mapping[type[Command], Rule[ServiceBooking]] = {
    commands.Offer: negotiating.make_offer,
    commands.Accept: negotiating.accept,
    commands.AcceptOffer: negotiating.accept_offer,
    commands.DeclineOffer: negotiating.decline_offer,
    commands.PayIntent: paying.pay_intent,
    TakePayment: paying.take_payment,
    commands.Start: working.start,
    commands.Complete: working.complete,
    commands.CompleteByClock: working.complete_by_clock,
    commands.Confirm: working.confirm,
    commands.ConfirmByClock: working.confirm_by_clock,
    commands.Cancel: ending.cancel,
    commands.Expire: ending.expire,
    commands.Dispute: disputing.open_dispute,
    commands.WithdrawDispute: disputing.withdraw,
    commands.DecideDispute: disputing.decide,
    commands.Review: reviewing.write_review,
    commands.PublishReviews: reviewing.publish,
}
