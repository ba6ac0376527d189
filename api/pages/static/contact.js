// A change of phone or mail address is taken back with the link from the mail, and a new password is chosen with it.

import { at } from "./elements.js";
import { chosenPassword, onSubmit, post, secretOfLink } from "./forms.js";

const secret = secretOfLink();

at("undo").hidden = !secret;
at("lost").hidden = Boolean(secret);

onSubmit("undo", async (form) => {
  await post("/auth/contact/undo", { token: secret, new_password: chosenPassword(form) });
  return ["The change is taken back", "Phone and mail address are as before, and whoever was logged in is logged out."];
});
