// Paying online: the provider's own window, loaded when it is needed and from where the page was told.

import { act } from "./session.js";

let loading = null;

// Resolves with "paid", "dismissed", or throws what went wrong.
export async function pay(checkout, booking, person) {
  await provider();
  return new Promise((resolve, reject) => {
    const window_ = new window.Razorpay({
      key: checkout.key_id,
      order_id: checkout.order_id,
      amount: checkout.amount,
      currency: checkout.currency,
      name: "RevCare",
      description: `Booking ${booking.id}`,
      prefill: { name: person.name, email: person.email, contact: person.phone },
      handler: (said) => verify(said).then(() => resolve("paid"), reject),
      modal: { ondismiss: () => resolve("dismissed") },
    });
    // The window itself tells of a failed try and offers another; it stays open.
    window_.open();
  });
}

function verify(said) {
  const { razorpay_payment_id, razorpay_order_id, razorpay_signature } = said;
  return act("POST", "/payment/verify", { razorpay_payment_id, razorpay_order_id, razorpay_signature });
}

function provider() {
  loading ||= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.querySelector("meta[name=checkout]").content;
    script.onload = resolve;
    script.onerror = () => {
      loading = null;
      script.remove();
      reject(new Error("The payment window cannot be loaded. Try again in a moment, or choose cash."));
    };
    document.head.append(script);
  });
  return loading;
}
