// A new password: ask for a link, or use the one from the mail.

import { at } from "./elements.js";
import { chosenPassword, onSubmit, post, secretOfLink } from "./forms.js";

const secret = secretOfLink();

at("choose").hidden = !secret;
at("ask").hidden = Boolean(secret);

onSubmit("ask", async (form) => {
  const told = await post("/auth/password/reset/request", { email: form.elements.email.value.trim() });
  return ["Look into your mail", `${told.message[0].toUpperCase()}${told.message.slice(1)}.`];
});

onSubmit("choose", async (form) => {
  await post("/auth/password/reset/confirm", { token: secret, new_password: chosenPassword(form) });
  return ["Your password is set", "Whoever was logged in with the old one is logged out."];
});
