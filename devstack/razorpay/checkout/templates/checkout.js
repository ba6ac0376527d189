// A stub of the provider's script: new Razorpay(options).open(), options.handler, options.modal.ondismiss,
// on("payment.failed", ...). The page itself is the sandbox's checkout in a frame.
(function () {
  "use strict";
  const BASE = "__BASE__";

  function Razorpay(options) {
    this.options = options || {};
    this.listeners = {};
    this.frame = null;
    this.hear = this.hear.bind(this);
  }

  Razorpay.prototype.on = function (name, listener) {
    (this.listeners[name] = this.listeners[name] || []).push(listener);
  };

  Razorpay.prototype.open = function () {
    const query = new URLSearchParams({ order_id: this.options.order_id || "" });
    for (const [name, value] of Object.entries(this.options.notes || {})) query.set("notes[" + name + "]", value);
    this.frame = document.createElement("iframe");
    this.frame.src = BASE + "/checkout?" + query;
    this.frame.style.cssText = "position:fixed;inset:0;width:100%;height:100%;border:0;background:#fff;z-index:9999";
    this.cross = document.createElement("button");
    this.cross.textContent = "×";
    this.cross.title = "Close";
    this.cross.style.cssText = "position:fixed;top:1rem;right:1rem;z-index:10000;font-size:1.5rem";
    this.cross.onclick = () => this.close();
    window.addEventListener("message", this.hear);
    document.body.append(this.frame, this.cross);
  };

  Razorpay.prototype.close = function () {
    const dismissed = this.frame !== null;
    this.leave();
    if (dismissed && this.options.modal && this.options.modal.ondismiss) this.options.modal.ondismiss();
  };

  Razorpay.prototype.leave = function () {
    window.removeEventListener("message", this.hear);
    if (this.frame) { this.frame.remove(); this.cross.remove(); }
    this.frame = null;
  };

  Razorpay.prototype.hear = function (message) {
    if (!this.frame || message.source !== this.frame.contentWindow || !message.data.razorpay) return;
    const fields = message.data.fields;
    if (message.data.razorpay === "success") {
      this.leave();
      if (this.options.callback_url && !this.options.handler) return post(this.options.callback_url, fields);
      if (this.options.handler) this.options.handler(fields);
      return;
    }
    const error = {};
    for (const [name, value] of Object.entries(fields)) error[name.slice(6, -1)] = value;
    error.metadata = JSON.parse(error.metadata || "{}");
    for (const listener of this.listeners["payment.failed"] || []) listener({ error });
  };

  function post(url, fields) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = url;
    for (const [name, value] of Object.entries(fields)) {
      const input = document.createElement("input");
      input.type = "hidden"; input.name = name; input.value = value;
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  }

  window.Razorpay = Razorpay;
})();
