// Says what a proposal would leave, while its credits are typed. Without this script the page says it
// for the credits that it was shown with, and the server refuses what is beyond.
const QUARTERS = { "¼": 15, "½": 30, "¾": 45 };

// The minutes of typed credits ("1.5", "1½", "1:30", "2 h 15"), or null where that is not plain.
export function minutesOf(typed) {
  const text = typed.trim().toLowerCase().replace(/\s*(credits?|hours?|hrs?)$/, "");
  let match = text.match(/^(\d{1,6})\s*(?::|h)\s*(\d{1,2})\s*(?:m|min)?$/);
  if (match) return match[2] < 60 ? match[1] * 60 + Number(match[2]) : null;
  match = text.match(/^(\d{0,6})\s*([¼½¾])$/);
  if (match) return match[1] * 60 + QUARTERS[match[2]];
  match = text.match(/^(\d{1,6})(?:\.(\d{1,4}))?$/);
  if (!match) return null;
  const minutes = Number(text) * 60;
  return Math.abs(minutes - Math.round(minutes)) < 1e-6 ? Math.round(minutes) : null;
}

// Two decimals, or hours and minutes where these would be rounded.
export function decimalCredits(minutes) {
  const sign = minutes < 0 ? "−" : "";
  const rest = Math.abs(minutes) % 60;
  const hours = Math.floor(Math.abs(minutes) / 60).toLocaleString("en-GB");
  return rest % 3
    ? `${sign}${hours}:${String(rest).padStart(2, "0")}`
    : `${sign}${hours}.${String((rest * 100) / 60).padStart(2, "0")}`;
}

const line = document.querySelector(".what-is-left");
const field = document.querySelector("#minutes");
if (line && field) {
  const available = Number(line.dataset.available);
  const have = `You have ${decimalCredits(available)} available`;
  const update = () => {
    const minutes = minutesOf(field.value);
    if (minutes === null) {
      line.textContent = `${have}.`;
    } else if (minutes <= available) {
      line.textContent = `${have}; this leaves ${decimalCredits(available - minutes)}.`;
    } else {
      const beyond = decimalCredits(minutes - available);
      line.textContent = `${have}; this is ${beyond} more than you have.`;
    }
  };
  field.addEventListener("input", update);
  update();
}
