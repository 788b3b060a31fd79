// The magazine's own question for consent, as docs/tag.md has it: `lenticular.consent` says what was answered.

const ask = document.getElementById("ask");
const asked = /(?:^|; )lenticular_consent=/.test(document.cookie);

function answer(given) {
  window.lenticular?.consent?.(given);
  ask.hidden = true;
}

ask.hidden = asked;
document.getElementById("yes").addEventListener("click", () => answer(true));
document.getElementById("no").addEventListener("click", () => answer(false));
document.getElementById("privacy").addEventListener("click", () => {
  ask.hidden = false;
  document.getElementById("no").focus();
});
