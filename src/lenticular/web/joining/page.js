// The secret stands behind the #: browsers send that to no server, and no log has it.
const said = document.getElementById("said");
const form = document.getElementById("form");
const secret = location.hash.slice(1);
const WORDS = {
  setup: "Nobody can sign in here yet. You become the first admin.",
  invitation: "You were invited. Choose a password.",
  reset: "Choose a new password.",
};

async function ask(what, body) {
  const answer = await fetch(`/api/links/${what}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const told = await answer.json();
  if (answer.ok) return told;
  throw new Error(told.problems.map((one) => `${one.message} ${one.hint ?? ""}`).join(" ") || told.title);
}

async function begin() {
  const link = await ask("look", { secret });
  history.replaceState(null, "", location.pathname);
  const asksEmail = link.purpose === "setup";
  said.textContent = link.email ? `${WORDS[link.purpose]} (${link.email})` : WORDS[link.purpose];
  document.getElementById("email-row").hidden = !asksEmail;
  form.elements.email.disabled = !asksEmail;
  document.getElementById("name-row").hidden = link.purpose === "reset";
  form.hidden = false;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { email, name, password } = form.elements;
  try {
    const me = await ask("use", { secret, email: email.value, name: name.value, password: password.value });
    form.hidden = true;
    said.textContent = `You are signed in as ${me.name}.`;
  } catch (error) {
    said.textContent = error.message;
  }
});

begin().catch((error) => { said.textContent = error.message; });
